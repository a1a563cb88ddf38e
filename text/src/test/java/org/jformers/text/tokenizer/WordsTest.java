package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts cut into words, and the defaults of rows, as AutoTokenizer of transformers 5 has them. */
final class WordsTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int CUT = 9;

    static List<JsonNode> tokenizers() throws IOException {
        try (var in = WordsTest.class.getResourceAsStream("/words.jsonl")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().map(WordsTest::json).toList();
        }
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void encodesWordsAsTheReferenceDoes(JsonNode golden) {
        assertWords(tokenizer(golden), golden);
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void savedTokenizersDoToo(JsonNode golden, @TempDir Path folder) {
        tokenizer(golden).save(folder);

        assertWords(AutoTokenizer.load(folder), golden);
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void knowsTheDefaultsOfRows(JsonNode golden) {
        Tokenizer tokenizer = tokenizer(golden);

        Padding padding = tokenizer.padding().orElseThrow();
        assertThat(padding.id()).isEqualTo(golden.get("pad").asInt());
        assertThat(padding.typeId()).isEqualTo(golden.get("pad_type").asInt());
        assertThat(padding.side()).hasToString(golden.get("padding_side").asText().toUpperCase());
        assertThat(tokenizer.truncation(5)).isEqualTo(Truncation.to(5));
        assertThat(tokenizer.maxLength()).isEqualTo(OptionalInt.empty());
    }

    @Test
    void readsTheDefaultsOfRows(@TempDir Path folder) throws IOException {
        AutoTokenizer.load(GoldenTokenizersTest.folder("bert-wordpiece-cased")).save(folder);
        Path config = folder.resolve("tokenizer_config.json");
        ObjectNode settings = (ObjectNode) JSON.readTree(config.toFile());
        settings.put("padding_side", "left").put("truncation_side", "left").put("model_max_length", 512);
        Files.writeString(config, settings.toString());

        Tokenizer tokenizer = AutoTokenizer.load(folder);
        assertThat(tokenizer.padding().orElseThrow().side()).isEqualTo(Side.LEFT);
        assertThat(tokenizer.truncation(5)).isEqualTo(Truncation.to(5).on(Side.LEFT));
        assertThat(tokenizer.maxLength()).hasValue(512);

        Files.writeString(config, settings.put("padding_side", "middle").toString());
        assertThatThrownBy(() -> AutoTokenizer.load(folder).padding()).isInstanceOf(TokenizerException.class)
                .hasMessage("padding_side: got \"middle\", allowed left or right");
    }

    @Test
    void aTokenizerThatPutsNoSpacesStaysAsItIs() {
        Tokenizer tokenizer = AutoTokenizer.load(GoldenTokenizersTest.folder("bert-wordpiece-cased"));

        assertThat(tokenizer.withPrefixSpace()).isSameAs(tokenizer);
    }

    @Test
    void olderKindsEncodeEachWordByItself() {
        Tokenizer tokenizer = AutoTokenizer.load(GoldenTokenizersTest.folder("marian-two-models"));
        List<String> words = List.of("unbelievable", "", "preprocessing");

        Encoding encoding = tokenizer.encodeWords(words);

        List<Integer> ids = new ArrayList<>();
        for (int word = 0; word < words.size(); word++) {
            int[] own = tokenizer.encodePlain(words.get(word)).ids();
            assertThat(encoding.tokensOfWord(word, 0)).hasSameSizeAs(own);
            for (int id : own) {
                ids.add(id);
            }
        }
        assertThat(encoding.ids()).startsWith(ids.stream().mapToInt(Integer::intValue).toArray());
        assertThat(encoding.length()).isEqualTo(ids.size() + 1);
        Encoding cut = tokenizer.encodeWords(words, Truncation.to(3));
        assertThat(cut.ids()).containsExactly(ids.get(0), ids.get(1), encoding.ids()[encoding.length() - 1]);
        assertThat(cut.overflow()).isNotEmpty();
    }

    private static void assertWords(Tokenizer tokenizer, JsonNode golden) {
        for (JsonNode test : golden.get("cases")) {
            List<String> words = new ArrayList<>();
            test.get("words").forEach(word -> words.add(word.textValue()));
            Encoding whole = tokenizer.encodeWords(words);
            assertThat(whole.ids()).as("%s", words).isEqualTo(ints(test.get("ids")));
            assertThat(whole.words()).as("%s", words).isEqualTo(ints(test.get("word_ids")));
            assertThat(whole.typeIds()).as("%s", words).isEqualTo(ints(test.get("types")));
            assertThat(tokenizer.encodeWords(words, Truncation.to(CUT)).ids())
                    .as("%s", words)
                    .isEqualTo(ints(test.get("cut")));
            assertThat(tokenizer.encodeWords(words, Truncation.to(CUT).on(Side.LEFT)).ids())
                    .as("%s", words)
                    .isEqualTo(ints(test.get("cut_left")));
        }
    }

    private static Tokenizer tokenizer(JsonNode golden) {
        Tokenizer tokenizer = AutoTokenizer.load(GoldenTokenizersTest.folder(golden.get("folder").asText()));
        return golden.get("prefix").asBoolean() ? tokenizer.withPrefixSpace() : tokenizer;
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }
}
