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

/** Every fixture as it is, from its older files alone, and after saving. */
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
    void thereAreAllFixtures() throws IOException {
        assertThat(fixtures()).hasSize(18);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void agreesWithTheReference(String name) throws IOException {
        assertConforms(folder(name), name);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void agreesWithTheReferenceWithoutTokenizerJson(String name, @TempDir Path copy) throws IOException {
        try (Stream<Path> files = Files.list(folder(name))) {
            for (Path file : files.filter(file -> !file.endsWith("tokenizer.json")).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }

        assertConforms(copy, name);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void savedTokenizersAgreeToo(String name, @TempDir Path copy) throws IOException {
        Tokenizer tokenizer = AutoTokenizer.load(folder(name));
        tokenizer.save(copy);

        assertConforms(copy, name);
        assertThat(AutoTokenizer.load(copy).specialTokens()).isEqualTo(tokenizer.specialTokens());
    }

    private static void assertConforms(Path folder, String name) throws IOException {
        assertThat(GoldenLines.differences(
                        AutoTokenizer.load(folder),
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
