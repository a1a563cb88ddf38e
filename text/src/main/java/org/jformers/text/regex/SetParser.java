package org.jformers.text.regex;

import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Reads sets of characters: brackets with ranges, nested sets and intersections, and escapes that name a class. */
final class SetParser {
    private static final int MAX_DEPTH = 50;
    private static final IntPredicate WORD = UnicodeProperty.set("word");
    private static final IntPredicate HEX = UnicodeProperty.set("xdigit");

    /** Classes in the sets of one expression: each is asked about every character that a text has. */
    private static final int MAX_CLASSES = 500;

    private final PatternReader in;
    private final boolean fold;
    private final Count classes;
    private int depth;

    /**
     * @param fold whether case does not matter
     * @param classes counts those of all sets of the expression
     */
    SetParser(PatternReader in, boolean fold, Count classes) {
        this.in = in;
        this.fold = fold;
        this.classes = classes;
    }

    /** How many there were so far. */
    static final class Count {
        private int count;

        int count() {
            return count;
        }

        void reset(int earlier) {
            count = earlier;
        }
    }

    /**
     * A character, or a class of them.
     *
     * @param character the character, -1 for a class
     * @param characters the class
     */
    record Item(int character, IntPredicate characters) {
        static Item of(int c) {
            return new Item(c, other -> other == c);
        }

        static Item of(IntPredicate characters) {
            return new Item(-1, characters);
        }

        boolean isClass() {
            return character < 0;
        }
    }

    /** A set whose opening bracket has been read. */
    IntPredicate set() {
        return brackets();
    }

    private IntPredicate brackets() {
        if (++depth > MAX_DEPTH) {
            throw in.error("sets nest deeper than " + MAX_DEPTH);
        }
        countClass();
        boolean negative = in.take("^");
        IntPredicate all = null; // what stands before &&
        Union part = null;
        boolean first = true;
        while (first || !in.looksAt("]")) {
            if (in.take("&&")) {
                countClass();
                all = and(all, part);
                part = null;
                first = false;
                continue;
            }
            part = part == null ? new Union() : part;
            element(first, part);
            first = false;
        }
        in.next();
        depth--;
        IntPredicate inside = and(all, part);
        IntPredicate result = fold ? folded(inside) : inside;
        return negative ? result.negate() : result;
    }

    private static IntPredicate and(@Nullable IntPredicate all, @Nullable IntPredicate part) {
        IntPredicate some = part == null ? c -> false : part;
        return all == null ? some : all.and(some);
    }

    /** A character, a range, a class or a nested set. */
    private void element(boolean first, Union out) {
        if (in.looksAt("[:") && posixClosed()) {
            countClass();
            out.add(posix());
            return;
        }
        if (in.take("[")) {
            out.add(brackets());
            return;
        }
        if (in.looksAt("]") && !first) {
            throw in.error("empty set");
        }
        Item low = item();
        int mark = in.place();
        if (!in.take("-") || in.looksAt("]") || in.looksAt("&&")) {
            in.back(mark);
            add(low, out);
            return;
        }
        if (low.isClass()) {
            throw in.error("a range must begin with a character");
        }
        Item high = in.looksAt("[") ? Item.of(c -> false) : item();
        if (high.isClass() || high.character() < low.character()) {
            throw in.error("a range must end with a character not before its first");
        }
        out.add(low.character(), high.character());
    }

    private void add(Item item, Union out) {
        if (item.isClass()) {
            countClass();
            out.add(item.characters());
        } else {
            out.add(item.character(), item.character());
        }
    }

    private void countClass() {
        if (++classes.count > MAX_CLASSES) {
            throw in.error("more than " + MAX_CLASSES + " classes of characters in sets");
        }
    }

    private Item item() {
        return in.take("\\") ? escape(true) : Item.of(in.next());
    }

    private boolean posixClosed() {
        int start = in.place();
        in.take("[:");
        in.take("^");
        while (in.peek() >= 'a' && in.peek() <= 'z') {
            in.next();
        }
        boolean closed = in.looksAt(":]");
        in.back(start);
        return closed;
    }

    private IntPredicate posix() {
        in.take("[:");
        boolean negative = in.take("^");
        String name = in.until(":]");
        boolean known = " alnum alpha blank cntrl digit graph lower print punct space upper xdigit word ascii "
                .contains(" " + name + " ");
        if (!known) {
            throw in.error("there is no class [:" + name + ":]");
        }
        IntPredicate characters = UnicodeProperty.set(name);
        if (name.equals("punct")) {
            characters = characters.or(UnicodeProperty.set("s"));
        }
        return negative ? characters.negate() : characters;
    }

    /** What follows a backslash. Superscripts and fractions below U+0100 are word characters only outside brackets. */
    Item escape(boolean inBrackets) {
        int c = in.next();
        return switch (c) {
            case 'w' -> Item.of(word(inBrackets));
            case 'W' -> Item.of(word(inBrackets).negate());
            case 's' -> Item.of(UnicodeProperty.SPACE);
            case 'S' -> Item.of(UnicodeProperty.SPACE.negate());
            case 'd' -> Item.of(UnicodeProperty.set("digit"));
            case 'D' -> Item.of(UnicodeProperty.set("digit").negate());
            case 'h' -> Item.of(HEX);
            case 'H' -> Item.of(HEX.negate());
            case 'p', 'P' -> in.peek() == '{' ? Item.of(property(c == 'P')) : Item.of(c);
            case 't' -> Item.of('\t');
            case 'n' -> Item.of('\n');
            case 'r' -> Item.of('\r');
            case 'f' -> Item.of('\f');
            case 'v' -> Item.of(0xB);
            case 'a' -> Item.of(7);
            case 'e' -> Item.of(0x1B);
            case 'b' -> Item.of('\b');
            case 'c' -> Item.of(in.next() & 0x1F);
            case 'x' -> Item.of(hexadecimal());
            case 'u' -> Item.of(in.digits(16, 4));
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                in.back(in.place() - 1);
                yield Item.of(in.digits(8, 3));
            }
            default -> Item.of(c);
        };
    }

    static IntPredicate word(boolean inBrackets) {
        return inBrackets
                ? WORD
                : WORD.or(c -> c == 0xB2 || c == 0xB3 || c == 0xB9 || (c >= 0xBC && c <= 0xBE));
    }

    private int hexadecimal() {
        if (!in.take("{")) {
            return in.digits(16, 2);
        }
        int c = in.digits(16, 8);
        if (!in.take("}")) {
            throw in.error("unclosed {");
        }
        return c;
    }

    private IntPredicate property(boolean capital) {
        in.take("{");
        boolean negative = in.take("^") != capital;
        String name = in.until("}");
        IntPredicate characters = UnicodeProperty.named(name).orElseThrow(() ->
                in.error("there is no class of characters named " + name.toLowerCase(Locale.ROOT)));
        return negative ? characters.negate() : characters;
    }

    /** The characters that are in the set in another case. */
    static IntPredicate folded(IntPredicate set) {
        return c -> {
            if (set.test(c)) {
                return true;
            }
            int fold = fold(c);
            return set.test(fold) || set.test(Character.toUpperCase(fold)) || set.test(Character.toTitleCase(fold))
                    || (fold == 'k' && set.test(0x212A))
                    || (fold == 's' && set.test(0x17F))
                    || (fold == 0xE5 && set.test(0x212B));
        };
    }

    private static int fold(int c) {
        return c == 0x130 || c == 0x131 ? c : Character.toLowerCase(Character.toUpperCase(c));
    }
}
