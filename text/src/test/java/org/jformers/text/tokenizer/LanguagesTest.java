package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokenizers that write the code of a language beside each text; the ids are those of transformers 5.18. */
final class LanguagesTest {
    @TempDir
    private Path folder;

    private static Path pieces() {
        try {
            return Path.of(LanguagesTest.class.getResource("/tokenizers/xlm-roberta-unigram").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Tokenizer tokenizer(String kind) throws IOException {
        Path model = Files.createDirectory(folder.resolve(kind));
        Files.copy(pieces().resolve("sentencepiece.bpe.model"), model.resolve("sentencepiece.bpe.model"));
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"" + kind + "Tokenizer\"}");
        return AutoTokenizer.load(model);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            MBart   | 24 4 26 15 18 446 2 810 | 24 4 26 15 18 446 2 815
            MBart50 | 810 24 4 26 15 18 446 2 | 815 24 4 26 15 18 446 2
            """)
    void writesTheLanguageThatIsAskedFor(String kind, String german, String french) throws IOException {
        Tokenizer tokenizer = tokenizer(kind);
        assertThat(tokenizer.language()).contains("en_XX");
        Tokenizer changed = tokenizer.withLanguage("de_DE");
        assertThat(changed.language()).contains("de_DE");
        assertThat(ids(changed)).isEqualTo(german);
        assertThat(ids(changed.withLanguage("fr_XX"))).isEqualTo(french);
        // What is saved is for that language.
        changed.save(folder.resolve("saved"));
        assertThat(ids(AutoTokenizer.load(folder.resolve("saved")))).isEqualTo(german);
        assertThatThrownBy(() -> tokenizer.withLanguage("deu")).isInstanceOf(TokenizerException.class)
                .hasMessage("language: got deu, which is no token, allowed codes such as en_XX");
    }

    private static String ids(Tokenizer tokenizer) {
        return String.join(" ", Arrays.stream(tokenizer.encode("the old fox").ids())
                .mapToObj(Integer::toString).toList());
    }

    @Test
    void othersHaveNone() {
        Tokenizer tokenizer = AutoTokenizer.load(pieces());
        assertThat(tokenizer.language()).isEmpty();
        assertThatThrownBy(() -> tokenizer.withLanguage("de_DE")).isInstanceOf(TokenizerException.class)
                .hasMessage("language: got de_DE for a tokenizer that marks texts with none");
    }
}
