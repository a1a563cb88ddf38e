package org.jformers.text.regex;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.text.WorkBudget;
import org.jformers.text.WorkLimitException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever an expression says and whatever it is run on, it ends within its budget, with matches or with the documented
 * exception. {@link RegexFuzz} makes further ones.
 */
@Timeout(60)
final class RegexFuzzTest {
    private static final int EXPRESSIONS = 4000;
    private static final long STEPS = 200_000;

    private static final List<String> PARTS = List.of("a", "b", "\\d", "\\p{L}", "[a-c]", "[^b]", ".", "(?i:k)", "\\X",
            "\\R", "\\b", "^", "$", "\\z", "\\G", "\\1", "\u4E2D", "[[:alpha:]&&[^a]]", "\\p{Han}", "{", "}", "\\");
    private static final List<String> GROUPS = List.of("(?:", "(", "(?>", "(?=", "(?!", "(?<=", "(?<!", "(?m:");
    private static final List<String> REPEATS =
            List.of("", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,}", "*?", "++", "{9}");
    private static final String TEXT = "aaabbb a1 \u4E2D\u6587\r\n kK\u212A e\u0301 aaaaaaaaaaaaaaaaaaaaaaaaaab";

    /** Expressions of tokenizers, for Jazzer to begin with. */
    static Stream<byte[]> seeds() {
        return Stream.of("'s|'t| ?\\p{L}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", "(?<=a|bc)x", "(a+)+$",
                "(?x) a b # c",
                        "[a-z&&[^aeiou]]+", "(?<n>a)\\k<n>", " {2,}", "(?i)\\x{41}[[:^alpha:]]")
                .map(regex -> (regex + "\0" + TEXT).getBytes(StandardCharsets.UTF_8));
    }

    private static String random(Random random, int depth) {
        StringBuilder regex = new StringBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) {
            boolean group = depth < 5 && random.nextInt(3) == 0;
            regex.append(group
                    ? pick(random, GROUPS) + random(random, depth + 1) + ")"
                    : pick(random, PARTS));
            regex.append(pick(random, REPEATS));
            regex.append(random.nextInt(5) == 0 ? "|" : "");
        }
        return regex.toString();
    }

    private static String pick(Random random, List<String> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** Runs an expression on a text; the number of matches, -1 if there is an error. */
    static int run(String regex, String text) {
        int[] chars = text.codePoints().toArray();
        int[] last = {0, 0};
        try {
            Regex.compile(regex).findAll(chars, 0, chars.length,
                    WorkBudget.of("matching", STEPS, STEPS), (from, to) -> {
                assertThat(from).isBetween(last[0], to);
                assertThat(to).isLessThanOrEqualTo(chars.length);
                last[0] = to;
                last[1]++;
            });
            return last[1];
        } catch (RegexException | WorkLimitException e) {
            requireOneLine(e);
            return -1;
        }
    }

    private static void requireOneLine(JformersException e) {
        assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(1000);
    }

    @Test
    void expressionsEndWithinTheirBudget() {
        Random random = new Random(11);
        int good = 0;
        for (int i = 0; i < EXPRESSIONS; i++) {
            good += run(random(random, 0), TEXT) >= 0 ? 1 : 0;
        }
        assertThat(good).isBetween(EXPRESSIONS / 10, EXPRESSIONS - 100);
    }
}
