package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.jformers.text.WorkBudget;
import org.jformers.text.regex.Regex;
import org.junit.jupiter.api.Test;

/** The words that the patterns named in GGUF files make, one behind the other; what none matches stays whole. */
class SplitPatternsTest {
    @Test
    void namesThePatternsThatAreKnown() {
        assertThatThrownBy(() -> SplitPatterns.ofGguf("bloom"))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("falcon").hasMessageContaining("tekken");
    }

    private static List<String> words(String name, String text) {
        List<String> pieces = List.of(text);
        for (String pattern : SplitPatterns.ofGguf(name)) {
            List<String> next = new ArrayList<>();
            for (String piece : pieces) {
                int[] chars = piece.codePoints().toArray();
                int[] end = {0};
                Regex.compile(pattern).findAll(chars, 0, chars.length, WorkBudget.of("test", 1 << 20, 1 << 20),
                        (from, to) -> {
                            add(next, chars, end[0], from);
                            add(next, chars, from, to);
                            end[0] = to;
                        });
                add(next, chars, end[0], chars.length);
            }
            pieces = next;
        }
        return pieces;
    }

    private static void add(List<String> pieces, int[] chars, int from, int to) {
        if (to > from) {
            pieces.add(new String(chars, from, to - from));
        }
    }

    @Test
    void cutsAsLlamaCppDoes() {
        assertThat(words("falcon", "Hi, it 12345!!")).containsExactly("Hi", ",", " it", " ", "123", "45", "!!");
        assertThat(words("smollm", "Hi it's 123 ok")).containsExactly("Hi", " it", "'s", " ", "1", "2", "3", " ok");
        assertThat(words("deepseek-coder", "Hi, 12\n中文")).containsExactly("Hi", ",", " ", "1", "2", "\n", "中文");
        assertThat(words("deepseek-llm", "Hi, 12 中文ñ")).containsExactly("Hi", ",", " ", "12", " ", "中文", "ñ");
        assertThat(words("tekken", "HelloWorld 12")).containsExactly("Hello", "World", " ", "1", "2");
    }
}
