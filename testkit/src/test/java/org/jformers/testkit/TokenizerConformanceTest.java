package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jformers.testkit.Check.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerConformanceTest {
    private static final String SINGLE = """
            {"kind": "single", "text": "b a", "ids": [1, 0], "tokens": ["b", "a"], "offsets": [[0, 1], [2, 3]], \
            "type_ids": [0, 0], "special_mask": [0, 0], "words": [0, 1], "ids_without_special": [1, 0], \
            "decoded": "b a", "decoded_skip_special": "b a"}
            """;
    private static final String PAIR = """
            {"kind": "pair", "text": "a", "pair": "b b", "ids": [0, 1, 1], "sequence_ids": [0, 1, 1]}
            """;
    private static final String TRUNCATION = """
            {"kind": "truncation", "text": "a b b", "pair": null, "max_length": 2, "stride": 0, \
            "strategy": "longest_first", "direction": "right", "ids": [0, 1], "overflowing": [[1]]}
            """;
    private static final String PADDING = """
            {"kind": "padding", "texts": ["a", "b a b"], "truncate_to": 2, "length": null, "multiple": 0, \
            "direction": "left", "pad_id": 2, "pad_token": "[UNK]", "ids": [[2, 0], [1, 0]], \
            "attention_mask": [[0, 1], [1, 1]], "type_ids": [[0, 0], [0, 0]]}
            """;
    private static final String DECODE = """
            {"kind": "decode", "ids": [1, 1, 0], "tokens": ["b", "b", "a"], "decoded": "b b a"}
            """;

    private static final String TARGET = """
            {"kind": "target", "text": "b a", "ids": [1, 0]}
            """;
    private static final String SENTENCEPIECE = """
            {"kind": "sentencepiece", "text": "\u00e4 a", "ids": [2, 0], "tokens": ["[UNK]", "a"], \
            "surfaces": ["\u00e4", "a"], "byte_offsets": [[0, 2], [3, 4]], "decoded": "[UNK] a"}
            """;
    private static final String VOCABULARY = """
            {"kind": "vocabulary", "size": 3, "unk_id": -1, "bos_id": -1, "eos_id": -1, "pad_id": -1}
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void writeTokenizer() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
                 "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
                 "model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1, "[UNK]": 2}, "unk_token": "[UNK]"}}
                """);
    }

    @Test
    void agreesLineByLine() throws IOException {
        ConformanceResult result = run(
                SINGLE + PAIR + TRUNCATION + PADDING + DECODE + DECODE + TARGET + SENTENCEPIECE + VOCABULARY);

        assertThat(result.checks()).extracting(Check::describe)
                .containsExactly("single: 1 lines", "pair: 1 lines", "truncation: 1 lines", "padding: 1 lines",
                        "decode: 2 lines", "target: 1 lines", "sentencepiece: 1 lines", "vocabulary: 1 lines");
        assertThat(result.outcome()).isEqualTo(Outcome.PASSED);
    }

    @Test
    void noticesEveryWrongValue() throws IOException {
        assertFails(
                SINGLE.replace("\"ids\": [1, 0]", "\"ids\": [1, 1]"), "ids of \"b a\": expected [1, 1], got [1, 0]");
        assertFails(SINGLE.replace("[[0, 1], [2, 3]]", "[[0, 1], [1, 3]]"), "offsets");
        assertFails(SINGLE.replace("[\"b\", \"a\"]", "[\"b\", \"c\"]"), "tokens");
        assertFails(SINGLE.replace("\"words\": [0, 1]", "\"words\": [0, null]"), "words");
        assertFails(SINGLE.replace("\"decoded\": \"b a\"", "\"decoded\": \"ba\""), "decoded");
        assertFails(PAIR.replace("[0, 1, 1]}", "[0, 1, 0]}"), "sequence_ids");
        assertFails(TRUNCATION.replace("[[1]]", "[[0]]"), "overflowing");
        assertFails(PADDING.replace("[[0, 1], [1, 1]]", "[[1, 1], [1, 1]]"), "attention_mask");
        assertFails(DECODE.replace("\"b b a\"", "\"b b\""), "decoded");
        assertFails(DECODE.replace("[1, 1, 0]", "[1, 1, 9]"), "TokenizerException");
        assertFails(TARGET.replace("[1, 0]", "[0, 0]"), "ids");
        assertFails(SENTENCEPIECE.replace("[3, 4]", "[2, 3]"), "byte_offsets");
        assertFails(VOCABULARY.replace("\"size\": 3", "\"size\": 4"), "size");
    }

    @Test
    void namesKindsAndTokenizersThatItDoesNotHave() throws IOException {
        assertThat(run("{\"kind\": \"riddle\"}\n" + DECODE).summary())
                .startsWith("unsupported: riddle: 1 lines").endsWith("passed 1");
        Files.delete(folder.resolve("tokenizer.json"));
        assertThat(run(DECODE).summary()).startsWith("unsupported: load: no tokenizer");
    }

    @Test
    void nothingToCompareIsAFailure() throws IOException {
        assertThat(run("").summary()).isEqualTo("FAILED nothing to check");
    }

    private void assertFails(String lines, String reason) throws IOException {
        ConformanceResult result = run(lines);
        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.summary()).contains("in 1 lines, the first in line 1: ").contains(reason);
    }

    private ConformanceResult run(String lines) throws IOException {
        Files.writeString(folder.resolve("golden.jsonl"), lines);
        return Conformance.run(folder);
    }
}
