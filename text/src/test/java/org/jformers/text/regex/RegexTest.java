package org.jformers.text.regex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.FutureTask;
import org.jformers.text.WorkBudget;
import org.jformers.text.WorkLimitException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RegexTest {
    /** Expression, text, and the text as the tokenizers library 0.23.2 writes it with a bar for every match. */
    private static String[][] matchesOfTheReference() {
        return new String[][] {
            {"$", "a\n", "a|\n|"},
            {"^", "a\nb\n", "|a\n|b\n"},
            {"\\Z", "a\n\n", "a\n|\n|"},
            {"\\z", "a\n", "a\n|"},
            {"(?i:k)", "kK\u212Aq", "|||q"},
            {"(?i)[^a]", "aAbB", "aA||"},
            {"(?i)\\p{Lu}", "aA", "a|"},
            {"(?i)[\\p{Lu}]", "aA1", "||1"},
            {"a{2}+", "aaaaa", "|a"},
            {"a{1,2}?", "aaa", "|||"},
            {"a{2}?", "aab", "|b|"},
            {"(?<=a|bc)x", "axbcxcx", "a|bc|cx"},
            {"(?<=a+)x", "aaax", "aaa|"},
            {"(?<!a|bc)x", "axbcxcx x", "axbcxc| |"},
            {"\\R", "a\r\nb\u2028c\u000B", "a|b|c|"},
            {"\\X", "e\u0301\r\n\uD83D\uDC68\u200D\uD83D\uDC69", "|||"},
            {"\\N+", "ab\nc", "|\n|"},
            {"\\O+", "ab\nc", "|"},
            {".", "a\r\nb", "||\n|"},
            {"(?m).", "a\n", "||"},
            {"[a-]", "a-b", "||b"},
            {"[]a]", "]a", "||"},
            {"[^]a]", "]ab", "]a|"},
            {"[a-z&&[^aeiou]]+", "hello", "|e|o"},
            {"[[a-c][x]]", "abxy", "|||y"},
            {"\\x41|\\102|\\u0043|\\x{44}", "ABCDE", "||||E"},
            {"[\\x{41}-\\x{43}]", "ABCD", "|||D"},
            {"\\h", "ag", "|g"},
            {"\\p{Greek}", "a\u03B1", "a|"},
            {"\\p{letter}", "a1", "|1"},
            {"\\p{Uppercase_Letter}", "aA", "a|"},
            {"\\p{InBasicLatin}", "a\u03B1", "|\u03B1"},
            {"\\p{Hani}", "a\u4E2D", "a|"},
            {"\\p{ASCII}", "a\u00E9", "|\u00E9"},
            {"\\p{^Lu}", "aA", "|A"},
            {"\\P{^Lu}", "aA", "a|"},
            {"{", "{a", "|a"},
            {"a{", "a{", "|"},
            {"a{,}", "a{,}", "|"},
            {"a{,2}", "aaab", "||b|"},
            {"x{2,1}", "xx xxx", "| ||"},
            {"a*+", "aba", "|b|"},
            {"a**", "aaa b", "| |b|"},
            {"a??", "aaa", "|a|a|a|"},
            {"(?:a|b)*?c", "abac", "|"},
            {"(?#c)a", "a", "|"},
            {"(?<x>a)\\k<x>", "aaa", "|a"},
            {"(a)(b)\\2\\1", "abba", "|"},
            {"\\1(a)", "aa", "aa"},
            {"|", "a", "|a|"},
            {"a|", "ab", "|b|"},
            {"()", "a", "|a|"},
            {"\\_\\-\\!", "_-!", "|"},
            {"(?-i)a", "A", "A"},
            {"(?i-m:a)b", "Ab AB", "| AB"},
            {"a(?i)b|c", "aB C ac c", "| C | c"},
            {"(?x) a b # c", "ab", "|"},
            {"\\b", "ab c\u00BD", "|ab| |c\u00BD|"},
            {"\\B", "ab c", "a|b c"},
            {"\\w+", "a\u00BD\u200D\u2460", "|\u200D\u2460"},
            {"[\\w]+", "a\u00BD", "|\u00BD"},
            {"[[:punct:]]+", "a$+_", "a|"},
            {"\\p{Punct}+", "a$_", "a$|"},
            {"[[:^alpha:]]", "a1", "a|"},
            {"(?:a?)*?b", "aab", "|"},
            {"(a*)*", "aab", "|b|"},
            {"(a*)+", "baab", "|b|b|"},
            {"(?>a|ab)c", "abc ac", "abc |"},
            {"\\A\\s*|\\s+\\z", "  a  ", "|a|"},
            {"(?=b)", "ab", "a|b"},
            {"(?:(?=(a))b|a)\\1?", "aab", "||b"},
            {"\\Ga", "aaba", "||ba"},
            {"\\p{Emoji_Presentation}", "a\uD83D\uDE00", "a|"},
            {"\\pL", "pL a", "| a"},
            {"\\s+(?!\\S)|\\s+", "a   b  ", "a||b|"},
        };
    }

    @ParameterizedTest
    @MethodSource("matchesOfTheReference")
    void findsWhatTheReferenceFinds(String regex, String text, String expected) {
        assertThat(replaced(Regex.compile(regex), text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(a", "a)", "[a", "[z-a]", "[a-\\d]", "[\\w-z]", "+a", "*", "\\", "[[:foo:]]", "(?a)\\w", "(?(1)a|b)", "\\2(a)",
        "(?<n>a)\\k<m>", "\\p{Nothing}", "(?=a)*", "a\\Kb", "(?:(?:a{1000}){1000}){1000}", "\\x{FFFFFFF}"
    })
    void refusesInOneLine(String regex) {
        assertThatThrownBy(() -> Regex.compile(regex))
                .isInstanceOf(RegexException.class)
                .hasMessageContaining("regular expression not understood")
                .hasMessageContaining(regex);
    }

    @Test
    void refusesDeepNesting() {
        assertThatThrownBy(() -> Regex.compile("(".repeat(100_000) + ")".repeat(100_000)))
                .isInstanceOf(RegexException.class)
                .hasMessageContaining("nest deeper than 100");
        assertThatThrownBy(() -> Regex.compile("[".repeat(100_000)))
                .isInstanceOf(RegexException.class)
                .hasMessageContaining("nest deeper than 50");
    }

    @Test
    void givesUpWhereThereAreTooManyWays() {
        assertThatThrownBy(() -> replaced(Regex.compile("(a+)+$"), "a".repeat(100) + "b", 10_000_000))
                .isInstanceOf(WorkLimitException.class)
                .hasMessage("matching takes more than the allowed 10000000 steps, in the regular expression (a+)+$");
    }

    /** A million rounds of a group need no more of the thread's stack than one. */
    @Test
    void needsLittleOfTheThreadsStack() throws Exception {
        String text = "ab".repeat(500_000);
        FutureTask<String> task = new FutureTask<>(() -> replaced(Regex.compile("(?:a|b)*c|(?:a|b)+"), text));
        new Thread(null, task, "small", 1 << 17).start();

        assertThat(task.get()).isEqualTo("|");
    }

    private static String replaced(Regex regex, String text) {
        return replaced(regex, text, 100_000_000);
    }

    private static String replaced(Regex regex, String text, long steps) {
        int[] chars = text.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        int[] done = {0};
        WorkBudget budget = WorkBudget.of("matching", steps, 10_000_000);
        regex.findAll(chars, 0, chars.length, budget, (start, end) -> {
            out.append(new String(chars, done[0], start - done[0])).append('|');
            done[0] = end;
        });
        return out.append(new String(chars, done[0], chars.length - done[0])).toString();
    }
}
