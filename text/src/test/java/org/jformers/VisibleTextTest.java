package org.jformers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VisibleTextTest {
    private static final int[] CONTROLS = Stream.of(
                    IntStream.rangeClosed(0, 0x1F), IntStream.rangeClosed(0x7F, 0x9F),
                    IntStream.rangeClosed(0x2028, 0x202E), IntStream.rangeClosed(0x2066, 0x2069),
                    IntStream.of(0x061C, 0x200E, 0x200F, 0xD800, 0xDFFF))
            .flatMapToInt(codes -> codes)
            .toArray();

    @Test
    void showsEveryControlCharacter() {
        for (int control : CONTROLS) {
            String text = "a" + Character.toString(control) + "b";
            String message = new JformersException("name " + text, new RuntimeException()).getMessage();
            assertThat(message).as(Integer.toHexString(control)).isEqualTo(new JformersException("name " + text)
                    .getMessage()).startsWith("name a\\").endsWith("b").isEqualTo(VisibleText.line("name " + text));
            assertThat(message.codePoints().anyMatch(c -> IntStream.of(CONTROLS).anyMatch(x -> x == c))).isFalse();
        }
        assertThat(VisibleText.line("\u001b[31m\u202Eab\n\t\u0085")).isEqualTo("\\u001b[31m\\u202eab\\n\\t\\u0085");
        assertThat(VisibleText.lines("a\n\tb\r\u0007")).isEqualTo("a\n\tb\\r\\u0007");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "größer 漢字 😀 שלום \\n", "a\u200Bb\u00AD\uFEFF"})
    void leavesOtherTextAlone(String text) {
        assertThat(VisibleText.line(text)).isSameAs(text);
        assertThat(VisibleText.lines(text)).isSameAs(text);
        // Made visible a second time, where one message holds another, it is the same.
        assertThat(VisibleText.line(VisibleText.line(text + '\u001b'))).isEqualTo(text + "\\u001b");
    }

    @Test
    void aMessageIsAlwaysThere() {
        assertThat(new JformersException(null)).hasMessage("null");
    }
}
