package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected values are those of the reference's StopStringCriteria (transformers 5.18) with the same tokenizers. */
final class StopStringsTest {
    private static final List<String> MARKED = List.of(
            "<unk>", "<s>", "</s>", "<|end|>", "<0x0A>", "<0xC3>", "<0xA9>", "▁", "▁end", "▁the", "end", ".", "opera",
            "st", "op", "a", "b", "c", "d", "e", "f", "topper", "las", "<|", "x<");
    private static final List<String> BYTES = List.of(
            "<unk>", "<s>", "</s>", "<|end|>", "Ċ", "Ã", "©", "Ġ", "Ġend", "Ġthe", "end", ".", "opera",
            "st", "op", "a", "b", "c", "d", "e", "f", "topper", "las", "<|", "x<");

    @TempDir
    static Path folder;

    private static Tokenizer marked;
    private static Tokenizer bytes;

    @BeforeAll
    static void make() throws IOException {
        marked = tokenizer("marked", MARKED, """
                {"type": "Sequence", "decoders": [
                 {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
                 {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}""");
        bytes = tokenizer("bytes", BYTES, """
                {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}""");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {
        // stop string, tokens, which of them stop
        "\" end.\",  ▁end .,            1", "\" end.\",  end .,             ",
        "end.,        ▁the ▁end . ▁end,  2", "stop,       st op,              1",
        "stop,        st opera end,       1", "stop,       las topper a,       1",
        "<|end|>,     a <|end|> a,        1", "</s>,       a </s>,             1",
        "end|>,       a <|end|>,          1", "e<|e,       a <|end|>,          ",
        "x<</s>,      x< </s>,            1", "d.,         ▁end . . a d .,     1 5",
        "\"f end\",  ▁end,               ", "\"d the\", ▁end ▁the ▁end,     1",
        "é,           a é1 é2 a,          2", "stop,       a b c st op st op,  4 6",
        "\" \",       a ▁the end ▁,       1 3", "zzz,      a b,                "
    })
    void stopsWhereTheReferenceStops(String text, String tokens, String expected) {
        List<Integer> places = expected == null
                ? List.of()
                : Arrays.stream(expected.trim().split(" ")).map(Integer::valueOf).toList();
        for (Tokenizer tokenizer : List.of(marked, bytes)) {
            List<String> names = tokenizer == marked ? MARKED : BYTES;
            long[] ids = Arrays.stream(tokens.split(" "))
                    .mapToLong(token -> MARKED.indexOf(
                            token.equals("é1") ? "<0xC3>" : token.equals("é2") ? "<0xA9>" : token))
                    .toArray();
            assertThat(Arrays.stream(ids).filter(id -> id < 0 || id >= names.size())).isEmpty();
            StopStrings rule = new StopStrings(tokenizer, List.of("never so", text));
            assertThat(IntStream.range(0, ids.length).filter(i -> rule.stops(Arrays.copyOf(ids, i + 1), 0)).boxed())
                    .as("%s in %s", text, tokens)
                    .containsExactlyElementsOf(places);
        }
    }

    @Test
    void looksAtAsManyTokensAsTheTextIsLong() {
        StopStrings rule = new StopStrings(marked, List.of("a.b"));
        long[] ids = new long[200_000];
        Arrays.fill(ids, MARKED.indexOf("c"));
        assertThat(rule.stops(ids, 0)).isFalse();
        for (int i = 0; i < 3; i++) {
            ids[ids.length - 3 + i] = MARKED.indexOf("a.b".substring(i, i + 1));
        }
        assertThat(IntStream.range(0, 2_000).allMatch(i -> rule.stops(ids, 0))).isTrue();
    }

    private static Tokenizer tokenizer(String name, List<String> tokens, String decoder) throws IOException {
        StringBuilder vocabulary = new StringBuilder();
        StringBuilder added = new StringBuilder();
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            if (id < 4) {
                added.append(id == 0 ? "" : ", ").append("""
                        {"id": %d, "content": "%s", "single_word": false, "lstrip": false, "rstrip": false,
                         "normalized": false, "special": true}""".formatted(id, token));
            }
            vocabulary.append(id == 0 ? "" : ", ").append("\"%s\": %d".formatted(token, id));
        }
        Path path = Files.createDirectories(folder.resolve(name));
        Files.writeString(path.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [%s], "normalizer": null,
                 "pre_tokenizer": null, "post_processor": null, "decoder": %s,
                 "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
                  "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                  "vocab": {%s}, "merges": []}}""".formatted(added, decoder, vocabulary));
        return AutoTokenizer.load(path);
    }
}
