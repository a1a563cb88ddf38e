package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jformers.text.gguf.GgufHeadWriter;
import org.jformers.text.gguf.GgufMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokenizers written into GGUF files and read again, over the texts of the tokenizer fixtures. */
class GgufTokenizerValuesTest {
    @TempDir
    private Path folder;

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(
                    GgufTokenizerValuesTest.class.getResource("/tokenizers/" + name), name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    private Tokenizer written(Tokenizer tokenizer, int vocabulary) throws IOException {
        byte[] head = GgufHeadWriter.head(GgufTokenizerValues.of(tokenizer, vocabulary), List.of());
        return AutoTokenizer.load(Files.write(folder.resolve("tokenizer.gguf"), head));
    }

    @ParameterizedTest
    @CsvSource({
        "gpt2-byte-level-bpe, gpt2", "roberta-byte-level-bpe, gpt2", "llama-bpe-byte-fallback, llama",
        "bert-wordpiece-uncased, bert", "t5-unigram, t5", "xlm-roberta-unigram, t5",
        "sentencepiece-unigram/spiece.model, t5", "llama-bpe-byte-fallback/tokenizer.model, llama"
    })
    void readsTheSameIdsAgain(String name, String model) throws IOException {
        Tokenizer tokenizer = AutoTokenizer.load(resource(name));
        Tokenizer again = written(tokenizer, tokenizer.vocabSize() + 3);
        assertThat(GgufMetadata.read(folder.resolve("tokenizer.gguf")).text("tokenizer.ggml.model")).isEqualTo(model);
        assertThat(again.vocabSize()).isEqualTo(tokenizer.vocabSize() + 3);
        int texts = 0;
        for (String line : Files.readAllLines(resource(name.replaceAll("/.*", "")).resolve("golden.jsonl"))) {
            JsonNode text = new JsonMapper().readTree(line).path("text");
            if (text.isTextual() && !isOtherInLlamaCpp(name, model, text.textValue())) {
                texts++;
                assertThat(again.encode(text.textValue()).ids()).as(text.textValue())
                        .isEqualTo(tokenizer.encode(text.textValue()).ids());
            }
        }
        assertThat(texts).isGreaterThan(20);
    }

    /** What files cannot say: spaces about special tokens, and how sentencepiece alone composes and reads those. */
    private static boolean isOtherInLlamaCpp(String name, String model, String text) {
        return switch (model) {
            case "gpt2" -> text.contains(" <mask>");
            case "llama" -> text.matches("(?s)[ \u2581].*") || text.contains("<unk>");
            default -> name.endsWith(".model") && text.matches("(?s).*[<\\p{M}\\x{1100}-\\x{11FF}].*");
        };
    }

    @Test
    void writesEveryKindOfValue() throws IOException {
        byte[] head = GgufHeadWriter.head(
                Map.of("u", 7, "f", 0.5f, "b", true, "s", "grüße", "l", List.of("a", ""), "i", new int[] {1, -2},
                        "r", new float[] {1.5f}, "y", new byte[] {-1}),
                List.of(new GgufMetadata.TensorEntry("t", List.of(3L, 32L), 8, 0)));
        assertThat(head.length % GgufHeadWriter.ALIGNMENT).isZero();
        GgufMetadata read = GgufMetadata.read(Files.write(folder.resolve("head.gguf"), head));
        assertThat(read.integer("u")).isEqualTo(7);
        assertThat(read.real("f")).isEqualTo(0.5);
        assertThat(read.flag("b")).isTrue();
        assertThat(read.text("s")).isEqualTo("grüße");
        assertThat(read.texts("l")).containsExactly("a", "");
        assertThat(read.integers("i")).containsExactly(1, -2);
        assertThat(read.reals("r")).containsExactly(1.5);
        assertThat(read.integers("y")).containsExactly(255);
        assertThat(read.tensors()).containsExactly(new GgufMetadata.TensorEntry("t", List.of(3L, 32L), 8, 0));
        assertThat(read.dataStart()).isEqualTo(head.length);
        assertThatThrownBy(() -> GgufHeadWriter.head(Map.of("d", 0.5), List.of()))
                .hasMessageContaining("got 0.5 for d");
    }

    @Test
    void refusesWhatLlamaCppDoesNotDo() {
        Tokenizer cased = AutoTokenizer.load(resource("bert-wordpiece-cased"));
        assertThatThrownBy(() -> GgufTokenizerValues.of(cased, 100_000)).isInstanceOf(TokenizerException.class)
                .hasMessageContaining("allowed those that lower-case and strip accents");
        Tokenizer gpt2 = AutoTokenizer.load(resource("gpt2-byte-level-bpe"));
        assertThatThrownBy(() -> GgufTokenizerValues.of(gpt2, 10))
                .hasMessageContaining("allowed no more than the 10 rows");
        Tokenizer bytes = AutoTokenizer.load(resource("sentencepiece-bpe/spiece.model"));
        assertThatThrownBy(() -> GgufTokenizerValues.of(bytes, 100_000)).hasMessageContaining("got a model of"
                + " sentencepiece BPE, allowed UNIGRAM, BPE with bytes for unknown characters");
        Tokenizer clip = AutoTokenizer.load(resource("clip-bpe"));
        assertThatThrownBy(() -> GgufTokenizerValues.of(clip, 100_000)).isInstanceOf(TokenizerException.class);
    }
}
