package org.jformers.text.regex;

import java.util.List;
import org.jformers.text.WorkBudget;
import org.jformers.text.WorkLimitException;

/**
 * A regular expression in the Ruby syntax of the Oniguruma library: {@code .} matches all but a line feed, {@code ^}
 * and {@code $} hold at every line, {@code (?m)} lets the dot match all, {@code \h} is a hexadecimal digit, sets nest
 * and intersect. Not understood are calls, conditions, absence and {@code \K}. Immutable; may be shared by threads.
 */
public final class Regex {
    private static final int LONGEST_SHOWN = 200;

    private final String source;
    private final Program program;

    private Regex(String source, Program program) {
        this.source = source;
        this.program = program;
    }

    /** Takes the matches of a text in order. */
    @FunctionalInterface
    public interface Matches {
        void match(int start, int end);
    }

    /** Throws {@link RegexException} if the expression is not understood. */
    public static Regex compile(String source) {
        try {
            RegexParser parser = new RegexParser(source);
            Node node = parser.parse();
            return new Regex(source, Program.of(node, parser.groups()));
        } catch (RegexException e) {
            throw new RegexException("regular expression not understood: " + e.getMessage() + ", in " + shown(source));
        }
    }

    /** Matches a text itself; an empty one everywhere. */
    public static Regex literal(String text) {
        List<Node> characters =
                text.codePoints().<Node>mapToObj(Node.Literal::new).toList();
        return new Regex(text, Program.of(new Node.Sequence(characters), 0));
    }

    /**
     * Finds all matches that do not overlap, from left to right. An empty match right behind another does not count.
     *
     * @param chars the code points of the text
     * @param from where the text begins in them
     * @param to where it ends
     * @param budget pays for every instruction and every character that is looked at, and for the ways back
     * @param out hears where each match begins and ends, counted from {@code from}
     * @throws WorkLimitException if the budget does not suffice
     */
    public void findAll(int[] chars, int from, int to, WorkBudget budget, Matches out) {
        Matcher matcher = new Matcher(program, chars, from, to, budget);
        try {
            findAll(matcher, from, to, out);
            matcher.pay();
        } catch (WorkLimitException e) {
            throw e.in("the regular expression " + shown(source));
        }
    }

    private static void findAll(Matcher matcher, int from, int to, Matches out) {
        int last = -1;
        int next = from;
        while (next <= to) {
            int start = matcher.find(next);
            if (start < 0) {
                return;
            }
            int end = matcher.end();
            if (start == end && end == last) {
                next = end + 1;
                continue;
            }
            out.match(start - from, end - from);
            last = end;
            next = end == start ? end + 1 : end;
        }
    }

    private static String shown(String source) {
        return source.length() <= LONGEST_SHOWN ? source : source.substring(0, LONGEST_SHOWN) + "...";
    }

    @Override
    public String toString() {
        return source;
    }
}
