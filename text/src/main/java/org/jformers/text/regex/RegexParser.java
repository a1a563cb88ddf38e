package org.jformers.text.regex;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the syntax of a regular expression: groups, repetitions, anchors; sets of characters are {@link SetParser}'s.
 */
final class RegexParser {
    /** Deeper nesting is refused, so that reading needs little of the thread's stack. */
    private static final int MAX_DEPTH = 100;
    private static final int MAX_REPEATS = 100_000;
    /** Repetitions of repetitions, one upon the other. */
    private static final int MAX_QUANTIFIERS = 5;
    private static final int MAX_LENGTH = 200_000;

    private static final String BLANKS = " \t\n\r\f\u000B";

    private final PatternReader in;
    private final Map<String, Integer> names = new HashMap<>();
    /** The sets by how they are written: an expression has few, however long it is. */
    private final Map<String, CharSet> sets = new HashMap<>();
    private final SetParser.Count classes = new SetParser.Count();
    private final boolean named;
    private int groups = 1;
    private int depth;
    private boolean references;
    private int farthest;
    /** Options (?i), (?m), (?x). */
    private boolean fold;
    private boolean dotAll;
    private boolean extended;

    RegexParser(String source) {
        in = new PatternReader(source);
        named = source.matches("(?s).*\\(\\?<[^=!].*") || source.contains("(?'");
    }

    /** The whole expression. */
    Node parse() {
        if (in.length() > MAX_LENGTH) {
            throw in.error("it has more than " + MAX_LENGTH + " characters");
        }
        Node node = choice();
        if (!in.atEnd()) {
            throw in.error("unmatched )");
        }
        if (farthest >= groups) {
            throw in.error("there is no group " + farthest + " to refer to");
        }
        return node;
    }

    /** Number of groups whose places are kept, with the whole match as the first; 0 if none is referred to. */
    int groups() {
        return references ? groups : 0;
    }

    private Node choice() {
        if (++depth > MAX_DEPTH) {
            throw in.error("groups nest deeper than " + MAX_DEPTH);
        }
        List<Node> options = new ArrayList<>();
        do {
            options.add(sequence());
        } while (in.take("|"));
        depth--;
        return options.size() == 1 ? options.get(0) : new Node.Choice(List.copyOf(options));
    }

    private Node sequence() {
        List<Node> parts = new ArrayList<>();
        while (!in.atEnd() && !in.looksAt("|") && !in.looksAt(")")) {
            if (extended && skipBlank()) {
                continue;
            }
            if (in.take("(?#")) {
                in.until(")");
                continue;
            }
            parts.add(repeated(atom()));
        }
        return parts.size() == 1 ? parts.get(0) : new Node.Sequence(List.copyOf(parts));
    }

    /** In extended form blanks and comments mean nothing. */
    private boolean skipBlank() {
        if (BLANKS.indexOf(in.peek()) >= 0) {
            in.next();
            return true;
        }
        if (in.take("#")) {
            while (!in.atEnd() && in.next() != '\n') {
                // the comment
            }
            return true;
        }
        return false;
    }

    private Node repeated(Node atom) {
        Node node = atom;
        for (int quantifiers = 0; !in.atEnd(); quantifiers++) {
            int start = in.place();
            int[] range = range();
            if (range == null) {
                in.back(start);
                return node;
            }
            if (atom instanceof Node.Anchor || atom instanceof Node.Behind
                    || (atom instanceof Node.Apart apart && apart.operation() != Program.ATOMIC)) {
                throw in.error("the target of a repetition must not be an anchor or look around");
            }
            if (quantifiers == MAX_QUANTIFIERS) {
                throw in.error("more than " + MAX_QUANTIFIERS + " repetitions, one upon the other");
            }
            if (node instanceof Node.Literal literal) {
                int c = literal.character();
                node = new Node.Single(set("one " + c, other -> other == c));
            }
            boolean interval = range.length == 3;
            boolean fixed = interval && range[0] == range[1];
            if (in.take("?")) {
                node = fixed
                        ? new Repeat(new Repeat(node, range[0], range[1], true), 0, 1, true)
                        : new Repeat(node, range[0], range[1], false);
            } else if (!interval && in.take("+")) {
                node = new Node.Apart(Program.ATOMIC, new Repeat(node, range[0], range[1], true));
            } else if (interval && range[0] > range[1]) {
                // A range the wrong way round is possessive.
                node = new Node.Apart(Program.ATOMIC, new Repeat(node, range[1], range[0], true));
            } else {
                node = new Repeat(node, range[0], range[1], true);
            }
        }
        return node;
    }

    /** Least and most of a repetition, three numbers if it stands in braces; null if there is no repetition. */
    private int @Nullable [] range() {
        if (in.take("?")) {
            return new int[] {0, 1};
        }
        if (in.take("*")) {
            return new int[] {0, Node.UNBOUNDED};
        }
        if (in.take("+")) {
            return new int[] {1, Node.UNBOUNDED};
        }
        if (!in.take("{")) {
            return null;
        }
        int least = in.number(MAX_REPEATS);
        boolean comma = in.take(",");
        int most = comma ? in.number(MAX_REPEATS) : least;
        if (!in.take("}") || (least < 0 && most < 0)) {
            return null; // braces that mean themselves
        }
        return new int[] {Math.max(least, 0), most < 0 ? Node.UNBOUNDED : most, 0};
    }

    private Node atom() {
        int c = in.next();
        return switch (c) {
            case '(' -> group();
            case '[' -> brackets();
            case '.' -> new Node.Single(dotAll ? set("all", any -> true) : set("line", other -> other != '\n'));
            case '^' -> new Node.Anchor(Program.LINE_START);
            case '$' -> new Node.Anchor(Program.LINE_END);
            case '\\' -> escape();
            case '?', '*', '+' -> throw in.error("nothing to repeat before " + (char) c);
            default -> literal(c);
        };
    }

    private Node literal(int c) {
        return fold
                ? new Node.Single(set("fold " + c, SetParser.folded(other -> other == c)))
                : new Node.Literal(c);
    }

    private CharSet set(String key, IntPredicate characters) {
        return sets.computeIfAbsent(key, any -> new CharSet(characters));
    }

    private Node brackets() {
        int start = in.place();
        int counted = classes.count();
        IntPredicate characters = new SetParser(in, fold, classes).set();
        String key = (fold ? "fold [" : "[") + in.since(start);
        if (sets.containsKey(key)) {
            classes.reset(counted);
        }
        return new Node.Single(set(key, characters));
    }

    private Node group() {
        if (!in.take("?")) {
            return named ? closed(choiceWithin()) : captured();
        }
        if (in.take(":")) {
            return closed(choiceWithin());
        }
        if (in.take("=")) {
            return new Node.Apart(Program.AHEAD, closed(choiceWithin()));
        }
        if (in.take("!")) {
            return new Node.Apart(Program.NOT_AHEAD, closed(choiceWithin()));
        }
        if (in.take(">")) {
            return new Node.Apart(Program.ATOMIC, closed(choiceWithin()));
        }
        if (in.take("<=")) {
            return new Node.Behind(false, closed(choiceWithin()));
        }
        if (in.take("<!")) {
            return new Node.Behind(true, closed(choiceWithin()));
        }
        if (in.take("<")) {
            return captured(in.until(">"));
        }
        if (in.take("'")) {
            return captured(in.until("'"));
        }
        return options();
    }

    /** What stands in a group; options set within it end with it. */
    private Node choiceWithin() {
        boolean[] before = {fold, dotAll, extended};
        Node node = choice();
        fold = before[0];
        dotAll = before[1];
        extended = before[2];
        return node;
    }

    private Node closed(Node body) {
        if (!in.take(")")) {
            throw in.error("unclosed (");
        }
        return body;
    }

    private Node captured(String name) {
        names.put(name, groups);
        return captured();
    }

    private Node captured() {
        int group = groups++;
        return new Node.Capture(closed(choiceWithin()), group);
    }

    /** {@code (?i-m:body)}, or {@code (?i)} for the rest of the group, its alternatives included. */
    private Node options() {
        boolean[] before = {fold, dotAll, extended};
        boolean on = true;
        while (true) {
            int c = in.next();
            switch (c) {
                case '-' -> on = false;
                case 'i' -> fold = on;
                case 'm' -> dotAll = on;
                case 'x' -> extended = on;
                case ')' -> {
                    return choice();
                }
                case ':' -> {
                    Node body = closed(choice());
                    fold = before[0];
                    dotAll = before[1];
                    extended = before[2];
                    return body;
                }
                default -> throw in.error("group (?" + Character.toString(c) + " is not supported");
            }
        }
    }

    private Node escape() {
        int start = in.place();
        int c = in.next();
        switch (c) {
            case 'A' -> {
                return new Node.Anchor(Program.TEXT_START);
            }
            case 'Z' -> {
                return new Node.Anchor(Program.LAST_LINE_END);
            }
            case 'z' -> {
                return new Node.Anchor(Program.TEXT_END);
            }
            case 'G' -> {
                return new Node.Anchor(Program.SEARCH_START);
            }
            case 'b' -> {
                return new Node.Anchor(Program.WORD_EDGE);
            }
            case 'B' -> {
                return new Node.Anchor(Program.NO_WORD_EDGE);
            }
            case 'R' -> {
                return newline();
            }
            case 'X' -> {
                return new Node.Stretch(Program.CLUSTER, 0, 1);
            }
            case 'N' -> {
                return new Node.Single(set("line", other -> other != '\n'));
            }
            case 'O' -> {
                return new Node.Single(set("all", any -> true));
            }
            case 'k' -> {
                return reference(in.take("'") ? in.until("'") : in.take("<") ? in.until(">") : "");
            }
            case 'K', 'g', 'y', 'Y' -> throw in.error("\\" + (char) c + " is not supported");
            default -> {
                if (c >= '1' && c <= '9') {
                    in.back(start);
                    int group = in.number(MAX_REPEATS);
                    if (group < 10 || group < groups) {
                        return reference(Integer.toString(group));
                    }
                    in.back(start);
                    in.next();
                }
            }
        }
        in.back(start);
        SetParser.Item item = new SetParser(in, fold, classes).escape(false);
        return item.isClass()
                ? new Node.Single(set("\\" + in.since(start), item.characters()))
                : literal(item.character());
    }

    private Node newline() {
        Node single = new Node.Single(
                set("newline", c -> (c >= 0xA && c <= 0xD) || c == 0x85 || c == 0x2028 || c == 0x2029));
        Node pair = new Node.Sequence(List.of(new Node.Literal('\r'), new Node.Literal('\n')));
        return new Node.Apart(Program.ATOMIC, new Node.Choice(List.of(pair, single)));
    }

    private Node reference(String name) {
        boolean number = !name.isEmpty() && name.chars().allMatch(Character::isDigit) && name.length() < 6;
        Integer group = number && !named ? Integer.valueOf(name) : names.get(name);
        if (group == null || fold) {
            throw in.error(fold ? "a reference must not ignore case" : "there is no group " + name + " to refer to");
        }
        farthest = Math.max(farthest, group);
        references = true;
        return new Node.Stretch(Program.BACK_REFERENCE, group, 0);
    }
}
