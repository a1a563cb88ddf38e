package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.jformers.testkit.Check.Outcome;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConformanceTest {

    @ParameterizedTest
    @ValueSource(strings = {
        "gpt2-lm", "gpt2-cross-attention", "gpt2-double-heads", "gpt2-sequence-classification",
        "bert-base", "bert-masked-lm", "bert-multiple-choice", "bert-pretraining", "bert-question-answering",
        "bert-sequence-classification", "bert-token-classification", "vaswani", "vaswani-pre-norm",
        "llama-sequence-classification", "mistral-question-answering", "mixtral-lm-router-loss", "qwen2-lm",
        "qwen3-sequence-classification", "gemma2-token-classification", "gemma3-sequence-classification"
    })
    void reproducesTheReference(String name) {
        ConformanceResult result = Conformance.run(Fixtures.folder("models/" + name));

        assertThat(result.of(Outcome.FAILED)).isEmpty();
        assertThat(result.outcome()).isEqualTo(Outcome.PASSED);
        assertThat(result.of(Outcome.PASSED)).hasSizeGreaterThan(5);
    }
}
