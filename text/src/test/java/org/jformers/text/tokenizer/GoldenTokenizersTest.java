package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fixture as the library that made its values reads it, and after saving. */
final class GoldenTokenizersTest {

    static Path folder(String name) {
        try {
            return Path.of(GoldenTokenizersTest.class.getResource("/tokenizers/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> fixtures() throws IOException {
        try (Stream<Path> folders = Files.list(folder(""))) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void thereAreFixturesOfEachKind() throws IOException {
        assertThat(fixtures()).anySatisfy(name -> assertThat(name).contains("wordpiece"))
                .anySatisfy(name -> assertThat(name).contains("byte-level-bpe"))
                .anySatisfy(name -> assertThat(name).contains("unigram"))
                .anySatisfy(name -> assertThat(name).contains("byte-fallback"));
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void agreesWithTheReference(String name) throws IOException {
        assertConforms(AutoTokenizer.loadPlain(folder(name)), folder(name), name);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void savedTokenizersAgreeToo(String name, @TempDir Path copy) throws IOException {
        Tokenizer tokenizer = AutoTokenizer.loadPlain(folder(name));
        tokenizer.save(copy);

        // A class of transformers 5 must not change what was saved.
        boolean older = name.startsWith("pegasus") || name.startsWith("marian");
        assertConforms(older ? AutoTokenizer.loadPlain(copy) : AutoTokenizer.load(copy), copy, name);
        assertThat(AutoTokenizer.loadPlain(copy).specialTokens()).isEqualTo(tokenizer.specialTokens());
    }

    private static void assertConforms(Tokenizer tokenizer, Path folder, String name) throws IOException {
        assertThat(GoldenLines.differences(
                        tokenizer,
                        AutoTokenizer.loadTarget(folder),
                        folder(name).resolve("golden.jsonl")))
                .isEmpty();
    }

    @Test
    void rejectsDamagedSentencePieceModels(@TempDir Path folder) throws IOException {
        byte[] whole = Files.readAllBytes(folder("sentencepiece-bpe").resolve("spiece.model"));
        for (int length : new int[] {0, 1, 100, whole.length / 2, whole.length - 1}) {
            Files.write(folder.resolve("spiece.model"), Arrays.copyOf(whole, length));

            assertThatThrownBy(() -> AutoTokenizer.load(folder))
                    .isInstanceOf(TokenizerException.class)
                    .hasMessageContaining("sentencepiece model")
                    .hasMessageContaining("spiece.model");
        }
    }

    @Test
    void namesTheFamiliesThatASentencePieceModelCanHave(@TempDir Path folder) throws IOException {
        Files.copy(folder("sentencepiece-bpe").resolve("spiece.model"), folder.resolve("spiece.model"));
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"FooTokenizer\"}");

        assertThatThrownBy(() -> AutoTokenizer.load(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("\"FooTokenizer\"")
                .hasMessageContaining("T5Tokenizer");
    }
}
