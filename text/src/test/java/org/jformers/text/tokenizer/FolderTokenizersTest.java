package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders in many forms, with what AutoTokenizer of transformers 5.18 makes of each (make_folder_fixtures.py). */
final class FolderTokenizersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<JsonNode> FOLDERS = read();

    @TempDir
    private Path folder;

    private static List<JsonNode> read() {
        List<JsonNode> lines = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(FolderTokenizersTest.class.getResourceAsStream("/folders.jsonl.gz")),
                StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(JSON.readTree(line));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }

    /** The families of folders: what stands before the last part of a name. */
    static List<String> families() {
        return FOLDERS.stream().map(FolderTokenizersTest::family).distinct().toList();
    }

    private static String family(JsonNode line) {
        return line.get("name").asText().replaceFirst("-[a-z]+$", "");
    }

    @Test
    void thereAreAllFolders() {
        assertThat(FOLDERS).hasSize(310);
        assertThat(families()).contains("letters", "odd", "CLIP-clip", "DebertaV2-deberta-v2", "Whisper-whisper");
    }

    @ParameterizedTest
    @MethodSource("families")
    void agreesWithTheReferenceAndSoDoesWhatIsSaved(String family) throws IOException {
        List<String> differences = new ArrayList<>();
        for (JsonNode line : FOLDERS) {
            if (family(line).equals(family)) {
                Path original = make(line);
                Path saved = folder.resolve(line.get("name").asText() + "-saved");
                Tokenizer tokenizer = AutoTokenizer.load(original);
                compare(line, tokenizer, differences);
                tokenizer.save(saved);
                compare(line, AutoTokenizer.load(saved), differences);
            }
        }

        assertThat(differences).isEmpty();
    }

    private Path make(JsonNode line) throws IOException {
        Path made = Files.createDirectories(folder.resolve(line.get("name").asText()));
        for (Map.Entry<String, JsonNode> file : line.get("files").properties()) {
            Path path = made.resolve(file.getKey());
            if (file.getValue().isTextual()) {
                Files.copy(GoldenTokenizersTest.folder(file.getValue().asText()), path);
            } else if (file.getValue().isArray()) {
                StringBuilder lines = new StringBuilder();
                file.getValue().forEach(part -> lines.append(part.asText()));
                Files.writeString(path, lines);
            } else {
                Files.writeString(path, file.getValue().toString());
            }
        }
        return made;
    }

    private static void compare(JsonNode line, Tokenizer tokenizer, List<String> differences) {
        for (int i = 0; i < line.get("texts").size(); i++) {
            JsonNode text = line.get("texts").get(i);
            JsonNode expected = line.get("expected").get(i);
            Encoding encoding = text.isTextual()
                    ? tokenizer.encode(text.asText())
                    : tokenizer.encode(text.get(0).asText(), text.get(1).asText());
            String where = line.get("name").asText() + " " + text;
            same(where + " ids", expected.get("ids"), encoding.ids(), differences);
            same(where + " tokens", expected.get("tokens"), encoding.tokens(), differences);
            if (expected.has("offsets")) {
                int[][] offsets = new int[encoding.length()][];
                Arrays.setAll(offsets, t -> new int[] {encoding.starts()[t], encoding.ends()[t]});
                same(where + " offsets", expected.get("offsets"), offsets, differences);
            }
            decoded(where, expected, tokenizer, differences);
        }
        line.get("runs").forEach(run ->
                decoded(line.get("name").asText() + " " + run.get("ids"), run, tokenizer, differences));
    }

    private static void decoded(String where, JsonNode expected, Tokenizer tokenizer, List<String> differences) {
        int[] ids = JSON.convertValue(expected.get("ids"), int[].class);
        same(where + " decoded", expected.get("decoded"), tokenizer.decode(ids), differences);
        same(where + " decoded_special", expected.get("decoded_special"), tokenizer.decodeWithSpecialTokens(ids),
                differences);
        if (!expected.get("decoded").asText().contains("\uFFFD")) {
            TokenStream stream = tokenizer.stream();
            StringBuilder streamed = new StringBuilder();
            Arrays.stream(ids).forEach(id -> streamed.append(stream.next(id)));
            same(where + " streamed", expected.get("decoded"), streamed.append(stream.finish()), differences);
        }
    }

    private static void same(String where, JsonNode expected, Object got, List<String> differences) {
        JsonNode node = JSON.valueToTree(got instanceof CharSequence ? got.toString() : got);
        if (!node.equals(expected)) {
            differences.add(where + ": expected " + expected + ", got " + node);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NllbTokenizer", "FooTokenizerFast", "FastSpeech2ConformerTokenizer"})
    void refusesAClassThatIsNotKnownByName(String name) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"" + name + "\"}");
        Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0}");
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n");

        assertThatThrownBy(() -> AutoTokenizer.load(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("\"" + name.replaceFirst("Fast$", "") + "\"")
                .hasMessageContaining("known: AlbertTokenizer")
                .hasMessageContaining("[merges.txt, tokenizer_config.json, vocab.json]");
    }

    @Test
    void refusesAModelTypeWhoseTokenizerIsInAnotherForm() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"rembert\"}");
        Files.writeString(folder.resolve("vocab.txt"), "[UNK]\na\n");
        assertThatThrownBy(() -> AutoTokenizer.load(folder)).hasMessageContaining("\"RemBertTokenizer\"");

        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"modernbert\"}");
        assertThatThrownBy(() -> AutoTokenizer.load(folder)).hasMessageContaining("tokenizer.json alone");

        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"bart\"}");
        assertThatThrownBy(() -> AutoTokenizer.load(folder))
                .hasMessageContaining("RobertaTokenizer needs tokenizer.json or vocab.json with merges.txt");
    }

    @Test
    void namesTheLineOfAMergeThatIsNone() throws IOException {
        Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0, \"b\": 1, \"ab\": 2}");
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\na b\na b c\n");

        assertThatThrownBy(() -> AutoTokenizer.load(folder)).hasMessageContaining("\"a b c\" in line 3 of merges.txt");
    }

    @Test
    void paddingOfTokenizerJsonNamesThePad() throws IOException {
        String json = """
                {"version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": null, "decoder": null,
                 "post_processor": null, "truncation": null,
                 "padding": {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": null,
                  "pad_id": 1, "pad_type_id": 0, "pad_token": "<p>"},
                 "model": {"type": "WordLevel", "vocab": {"a": 0, "<p>": 1, "<u>": 2}, "unk_token": "<u>"}}
                """;
        Files.writeString(folder.resolve("tokenizer.json"), json);

        assertThat(AutoTokenizer.load(folder).specialTokens().pad()).hasValue(1);

        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"pad_token\": \"<q>\"}");
        assertThat(AutoTokenizer.load(folder).specialTokens().pad()).as("appended").hasValue(3);
    }

    /** As transformers 4 saves tokens that were added; 5 reads them with added_tokens_decoder only. */
    @Test
    void tokensWithFlagsInSpecialTokensMapAreSpecial() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"bert\"}");
        Files.writeString(folder.resolve("vocab.txt"), "[UNK]\n[CLS]\n[SEP]\na\n[PAD]\n[MASK]\n");
        Files.writeString(folder.resolve("added_tokens.json"), "{\"<sp>\": 6, \"new\": 7}");
        Files.writeString(folder.resolve("special_tokens_map.json"), """
                {"additional_special_tokens": [{"content": "<sp>", "lstrip": true, "normalized": false},
                 {"content": "<more>", "rstrip": true, "normalized": false}]}
                """);
        Tokenizer tokenizer = AutoTokenizer.load(folder);
        Encoding encoding = tokenizer.encodePlain("a <sp> NEW <SP> <more> a");

        assertThat(encoding.ids()).containsExactly(3, 6, 7, 0, 0, 0, 8, 3);
        assertThat(tokenizer.decode(encoding.ids())).isEqualTo("a new a");
    }

    @Test
    void refusesAdditionalTokensThatAreNoList() throws IOException {
        Files.writeString(folder.resolve("vocab.txt"), "[UNK]\n[CLS]\n[SEP]\na\n");
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"BertTokenizer\"}");
        Files.writeString(folder.resolve("special_tokens_map.json"), "{\"additional_special_tokens\": \"a\"}");

        assertThatThrownBy(() -> AutoTokenizer.load(folder)).isInstanceOf(TokenizerException.class)
                .hasMessageContaining("additional_special_tokens must be an array, got \"a\", in special_tokens_map");
    }

    @Test
    void readsNumbersThatAreNone() throws IOException {
        Files.writeString(folder.resolve("vocab.txt"), "[UNK]\n[CLS]\n[SEP]\na\n");
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"BertTokenizer\", \"model_max_length\": Infinity, \"other\": NaN}");

        assertThat(AutoTokenizer.load(folder).encode("a").ids()).containsExactly(1, 3, 2);
    }

    @Test
    void whisperLeavesTheEarlierTextAndTimesOut() throws IOException {
        Path gpt2 = GoldenTokenizersTest.folder("gpt2-byte-level-bpe");
        Files.copy(gpt2.resolve("vocab.json"), folder.resolve("vocab.json"));
        Files.copy(gpt2.resolve("merges.txt"), folder.resolve("merges.txt"));
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"tokenizer_class": "WhisperTokenizer", "language": "German", "task": "translate",
                 "extra_special_tokens": ["<|startofprev|>", "<|startoftranscript|>", "<|de|>", "<|translate|>",
                 "<|notimestamps|>"], "added_tokens_decoder": {"2000": {"content": "<|1.08|>", "special": false}}}
                """);
        Tokenizer tokenizer = AutoTokenizer.load(folder);

        assertThat(tokenizer.encode("a<|1.08|>").tokens()).containsExactly("<|startoftranscript|>", "<|de|>",
                "<|translate|>", "<|notimestamps|>", "a", "<|1.08|>", "<|endoftext|>");
        assertThat(tokenizer.decode(tokenizer.encodePlain("<|startofprev|>b<|startoftranscript|>a<|1.08|>").ids()))
                .isEqualTo("a");

        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"WhisperTokenizer\", \"language\": \"Elvish\"}");
        assertThatThrownBy(() -> AutoTokenizer.load(folder)).hasMessageContaining("\"Elvish\"");
    }

    @Test
    void lettersNeedTheirLanguage() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"wav2vec2\"}");
        Files.writeString(folder.resolve("vocab.json"), "{\"eng\": {\"a\": 0}}");

        assertThatThrownBy(() -> AutoTokenizer.load(folder))
                .hasMessageContaining("target_lang must name one of the languages of vocab.json")
                .hasMessageContaining("allowed [eng]");
    }
}
