package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenizerCommandTest {
    private final InputStream standardInput = System.in;

    @TempDir
    private Path folder;

    @BeforeEach
    void writeTokenizer() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null,
                 "added_tokens": [{"id": 3, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
                                   "normalized": false, "special": true}],
                 "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
                 "post_processor": {"type": "TemplateProcessing",
                   "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                   "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                   "special_tokens": {"<s>": {"id": "<s>", "ids": [3], "tokens": ["<s>"]}}},
                 "decoder": null,
                 "model": {"type": "WordLevel", "vocab": {"hello": 0, "wörld": 1, "[UNK]": 2}, "unk_token": "[UNK]"}}
                """);
    }

    @AfterEach
    void restoreStandardInput() {
        System.setIn(standardInput);
    }

    @Test
    void encodesArguments() {
        assertThat(run("encode", "hello wörld", "what")).isEqualTo(new Run(0, "3 0 1\n3 2\n", ""));
        assertThat(run("encode", "--plain", "hello").out()).isEqualTo("0\n");
        assertThat(run("encode", "--tokens", "hello").out()).isEqualTo("[\"<s>\",\"hello\"]\n");
    }

    @Test
    void encodesLinesOfStandardInput() {
        type("hello\n\nwörld hello".getBytes(StandardCharsets.UTF_8));
        assertThat(run("encode")).isEqualTo(new Run(0, "3 0\n3\n3 1 0\n", ""));
    }

    @Test
    void decodes() {
        assertThat(run("decode", "3", "0", "1")).isEqualTo(new Run(0, "hello wörld\n", ""));
        assertThat(run("decode", "--special", "3", "0").out()).isEqualTo("<s> hello\n");
        type("0, 1\n\n1".getBytes(StandardCharsets.UTF_8));
        assertThat(run("decode")).isEqualTo(new Run(0, "hello wörld\n\nwörld\n", ""));
    }

    @Test
    void speaksJsonToPipes() {
        type("hello wörld\n\n".getBytes(StandardCharsets.UTF_8));
        Run encoded = run("encode", "--json");
        assertThat(encoded.out().lines())
                .containsExactly(
                        run("inspect", "--json", "hello wörld").out().strip(),
                        "{\"text\":\"\",\"ids\":[3],\"tokens\":[\"<s>\"],\"offsets\":[[0,0]],\"words\":[-1],"
                                + "\"special_tokens_mask\":[1]}");
        type((encoded.out() + "[1, 0]\n").getBytes(StandardCharsets.UTF_8));
        assertThat(run("decode")).isEqualTo(new Run(0, "hello wörld\n\nwörld hello\n", ""));
        assertThat(run("decode", "--json", "--special", "3", "0").out())
                .isEqualTo("{\"ids\":[3,0],\"text\":\"<s> hello\"}\n");
        assertThat(run("encode", "--json", "--tokens", "hello").exitCode()).isEqualTo(2);
    }

    @Test
    void refusesJsonWithoutIds() {
        assertThat(run("decode", "{\"text\": \"a\"}").err())
                .isEqualTo("jformers: expected a JSON list of ids, or an object with such a list as ids, "
                        + "got {\"text\": \"a\"}\n");
        assertThat(run("decode", "[0").err()).startsWith("jformers: not valid JSON: ").hasLineCount(1);
        assertThat(run("decode", "[0, \"x\"]").err())
                .isEqualTo("jformers: expected token ids, whole numbers separated by blanks, got '\"x\"'\n");
    }

    @Test
    void refusesWhatIsNoIdOrNoText() {
        assertThat(run("decode", "0", "x")).isEqualTo(new Run(
                1, "", "jformers: expected token ids, whole numbers separated by blanks, got 'x'\n"));
        assertThat(run("decode", "99"))
                .isEqualTo(new Run(1, "", "jformers: token id 99 out of range, the tokenizer has 0 to 3\n"));
        type(new byte[] {'h', (byte) 0xff, '\n'});
        assertThat(run("encode")).isEqualTo(new Run(1, "", "jformers: standard input: not UTF-8, in line 1\n"));
    }

    @Test
    void namesAMissingFolder() {
        Run run = Run.jformers("tokenizer", "encode", "--model", folder.resolve("none").toString(), "x");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains(folder.resolve("none").toString()).hasLineCount(1);
    }

    @Test
    void inspectsTextsAsJsonAndAsATable() {
        assertThat(run("inspect", "hello wörld").out()).isEqualTo("{\"text\":\"hello wörld\",\"ids\":[3,0,1],"
                + "\"tokens\":[\"<s>\",\"hello\",\"wörld\"],\"offsets\":[[0,0],[0,5],[6,11]],\"words\":[-1,0,1],"
                + "\"special_tokens_mask\":[1,0,0]}\n");
        assertThat(run("inspect", "--table", "--plain", "hello").out()).isEqualTo("""
                hello
                            id  token                offsets      word  text
                    0        0  hello                0-5             0  hello
                """);
        assertThat(run("inspect").out()).startsWith("{\"vocab_size\":4");
        assertThat(run("inspect", "--table", "--plain", "a\u001b[2J").out()).doesNotContain("\u001b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"char-bpe", "wordpiece", "unigram"})
    void trainsEveryKindOfPieces(String kind) throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "low lower lowest\nlow low\n");
        String out = folder.resolve("trained").toString();
        Run run =
                Run.jformers("tokenizer", "train", text.toString(), "--kind", kind, "--vocab-size", "40", "--out", out);
        assertThat(run.err() + run.exitCode()).endsWith("0");
        Run ids = Run.jformers("tokenizer", "encode", "--model", out, "low lower");
        type(ids.out().getBytes(StandardCharsets.UTF_8));
        assertThat(Run.jformers("tokenizer", "decode", "--model", out).out().strip()).isEqualTo("low lower");
    }

    @Test
    void trainsATokenizerThatItCanUse() throws IOException {
        Path first = Files.writeString(folder.resolve("a.txt"), "low lower lowest\nlow low\n");
        Path second = Files.writeString(folder.resolve("b.txt"), "lower 😀\n");
        Path out = folder.resolve("trained");
        Run run = Run.jformers(
                "tokenizer", "train", first.toString(), second.toString(), "--out", out.toString(),
                "--vocab-size", "260", "--special-token", "<eos>");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo(out + ": 260 tokens\n");
        Run encoded = Run.jformers("tokenizer", "encode", "--tokens", "--model", out.toString(), "low 😀<eos>");
        assertThat(encoded.out()).startsWith("[\"low\",").endsWith(",\"<eos>\"]\n");
        Run ids = Run.jformers("tokenizer", "encode", "--model", out.toString(), "low 😀");
        type(ids.out().getBytes(StandardCharsets.UTF_8));
        assertThat(Run.jformers("tokenizer", "decode", "--model", out.toString()).out()).isEqualTo("low 😀\n");
    }

    @Test
    void trainsOnColumnsOfTables() throws IOException {
        Path csv = Files.writeString(folder.resolve("a.csv"), "id,en,de\n1,low low,lau\n2,lower,\n");
        Path json = Files.writeString(folder.resolve("b.jsonl"), "{\"de\": \"lau\", \"en\": \"low\"}\n");
        String out = folder.resolve("trained").toString();
        Run run = Run.jformers("tokenizer", "train", csv.toString(), json.toString(), "--out", out,
                "--kind", "symbols", "--column", "en", "--column", "de");
        assertThat(run).isEqualTo(new Run(0, out + ": 6 tokens\n", run.err()));
        Run ids = Run.jformers("tokenizer", "encode", "--tokens", "--model", out, "low lau id");
        assertThat(ids.out()).contains("\"low\",\"lau\",").doesNotContain("id");
        run = Run.jformers("tokenizer", "train", csv.toString(), "--out", out, "--column", "fr");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("fr", "en, de").hasLineCount(1);
    }

    @Test
    void trainsOnCharactersAndSymbols() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "AA1 B\nB AA1\n");
        String out = folder.resolve("trained").toString();
        for (String kind : new String[] {"characters", "symbols"}) {
            Run run = Run.jformers("tokenizer", "train", text.toString(), "--kind", kind, "--out", out);
            String size = kind.equals("symbols") ? "6" : "8";
            assertThat(run).isEqualTo(new Run(0, out + ": " + size + " tokens\n", run.err()));
        }
    }

    @Test
    void trainsLikeAnotherTokenizer() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "low, lower\nlow <new>\n");
        String out = folder.resolve("trained").toString();
        Run run = Run.jformers("tokenizer", "train", text.toString(), "--like", folder.toString(), "--out", out,
                "--vocab-size", "5", "--special-token", "<new>");
        assertThat(run).isEqualTo(new Run(0, out + ": 5 tokens\n", run.err()));
        Run encoded = Run.jformers("tokenizer", "encode", "--tokens", "--model", out, "low<new>,");
        assertThat(encoded.out()).isEqualTo("[\"<s>\",\"low\",\"<new>\",\",\"]\n");
    }

    @Test
    void namesWhatTrainingCannotUse() {
        String missing = folder.resolve("none.txt").toString();
        String out = folder.resolve("trained").toString();
        Run run = Run.jformers("tokenizer", "train", missing, "--out", out);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains(missing).hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FILE", "--out DIR", "FILE --out DIR --kind words", "FILE --out DIR --vocab-size many",
            "FILE --out DIR --kind unigram --min-frequency 3", "FILE --out DIR --kind bpe --like DIR"})
    void callsHalfATrainingWrongUsage(String arguments) {
        assertThat(Run.jformers(("tokenizer train " + arguments).split(" ")).exitCode()).isEqualTo(2);
    }

    private static void type(byte[] bytes) {
        System.setIn(new ByteArrayInputStream(bytes));
    }

    private Run run(String command, String... arguments) {
        String[] all = new String[arguments.length + 4];
        System.arraycopy(new String[] {"tokenizer", command, "--model", folder.toString()}, 0, all, 0, 4);
        System.arraycopy(arguments, 0, all, 4, arguments.length);
        return Run.jformers(all);
    }
}
