package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GoldenTokenizersTest {

    static Path folder(String name) {
        try {
            return Path.of(GoldenTokenizersTest.class.getResource("/tokenizers/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt2-byte-level-bpe",
                "bert-wordpiece-uncased",
                "bert-wordpiece-cased",
                "roberta-byte-level-bpe",
                "clip-bpe",
                "openai-gpt-bpe",
                "llama-bpe-byte-fallback",
                "mbart-bpe",
                "t5-unigram",
                "albert-unigram",
                "xlnet-unigram",
                "xlm-roberta-unigram"
            })
    void agreesWithTheReference(String name) throws IOException {
        Tokenizer tokenizer = AutoTokenizer.load(folder(name));

        assertThat(GoldenLines.differences(tokenizer, folder(name).resolve("golden.jsonl"))).isEmpty();
    }
}
