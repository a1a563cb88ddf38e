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
        "bert-sequence-classification", "bert-token-classification", "roberta-sequence-classification",
        "xlm-roberta-masked-lm", "distilbert-sequence-classification", "albert-pretraining", "electra-discriminator",
        "vaswani", "vaswani-pre-norm"
    })
    void reproducesTheReference(String name) {
        ConformanceResult result = Conformance.run(Fixtures.folder("models/" + name));

        assertThat(result.of(Outcome.FAILED)).isEmpty();
        assertThat(result.outcome()).isEqualTo(Outcome.PASSED);
        assertThat(result.of(Outcome.PASSED)).hasSizeGreaterThan(5);
    }
}
