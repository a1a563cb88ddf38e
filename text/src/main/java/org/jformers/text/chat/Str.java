package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jformers.text.tokenizer.Segment;

/**
 * A text in which every character knows whether the template wrote it or whether it stems from data. All that a
 * template can do with texts keeps this, so that in the end only its own text may become special tokens.
 *
 * <p>A text that is {@link #isSafe safe} is what Jinja calls Markup: the filters {@code safe} and {@code escape} make
 * it, and what is joined to it is escaped.
 *
 * <p>Indexes are those of Java unless a method says code points; Python counts these.
 */
final class Str extends Value implements Comparable<Str> {
    /** The marks of a text that the template wrote. */
    private static final BitSet NONE = new BitSet();
    /** The marks of a text that stems from data. */
    private static final BitSet ALL = new BitSet();
    static final Str EMPTY = new Str("", NONE, false);
    private static final int CACHED = 256;
    private static final int ELEMENTS_PER_SEGMENT = 3;
    /** Texts of one character, those of the template and behind them those of data; lists of them are common. */
    private static final Str[] CHARACTERS = characters();

    private final String string;
    private final BitSet data;
    private final boolean safe;
    /** Zero until it is known, then one more than the number of code points. */
    private int points;

    private Str(String string, BitSet data, boolean safe) {
        this.string = string;
        this.data = data;
        this.safe = safe;
    }

    private static Str[] characters() {
        Str[] characters = new Str[2 * CACHED];
        for (int i = 0; i < CACHED; i++) {
            characters[i] = new Str(Character.toString(i), NONE, false);
            characters[CACHED + i] = new Str(Character.toString(i), ALL, false);
        }
        return characters;
    }

    /** @param data the characters that stem from data; not changed afterwards */
    static Str of(String string, BitSet data) {
        int first = data.nextSetBit(0);
        return first < 0 ? of(string) : new Str(
                string, first == 0 && data.nextClearBit(0) >= string.length() ? ALL : data, false);
    }

    /** Text that the template wrote. */
    static Str of(String string) {
        return string.isEmpty() ? EMPTY : new Str(string, NONE, false);
    }

    /** Text that stems from data. */
    static Str data(String string) {
        return string.isEmpty() ? EMPTY : new Str(string, ALL, false);
    }

    String string() {
        return string;
    }

    /** Whether what is joined to it must be escaped; {@code Markup} in Python. */
    boolean isSafe() {
        return safe;
    }

    Str safe() {
        return safe ? this : new Str(string, data, true);
    }

    Str plain() {
        return safe ? new Str(string, data, false) : this;
    }

    /** Safe where the other is. */
    Str as(Str other) {
        return other.safe ? safe() : plain();
    }

    boolean isData(int index) {
        return data == ALL || data.get(index);
    }

    boolean hasData() {
        return data == ALL || !data.isEmpty();
    }

    void markOn(BitSet target, int at) {
        if (data == ALL) {
            target.set(at, at + string.length());
            return;
        }
        for (int from = data.nextSetBit(0); from >= 0;) {
            int to = data.nextClearBit(from);
            target.set(at + from, at + to);
            from = data.nextSetBit(to);
        }
    }

    /** The same marks on another spelling; where characters and marks no longer match, all counts as data. */
    Str spelled(String other) {
        boolean fits = other.length() == string.length() || data == NONE;
        return new Str(other, fits ? data : ALL, safe);
    }

    /** Its stretches with one origin each. */
    List<Segment> segments(Meter meter) {
        List<Segment> segments = new ArrayList<>();
        for (int from = 0; from < string.length();) {
            meter.spendElements(ELEMENTS_PER_SEGMENT);
            boolean foreign = isData(from);
            int change = data == ALL ? -1 : foreign ? data.nextClearBit(from) : data.nextSetBit(from);
            int to = change < 0 ? string.length() : Math.min(change, string.length());
            segments.add(new Segment(
                    string.substring(from, to), foreign ? Segment.Origin.DATA : Segment.Origin.TEMPLATE));
            from = to;
        }
        return segments;
    }

    Str slice(int from, int to) {
        if (from == 0 && to == string.length()) {
            return this;
        }
        if (to == from + 1 && !safe && string.charAt(from) < CACHED) {
            return CHARACTERS[string.charAt(from) + (isData(from) ? CACHED : 0)];
        }
        boolean even = data == ALL || data == NONE;
        return new Str(string.substring(from, to), even ? data : data.get(from, to), safe);
    }

    Str slice(int from) {
        return slice(from, string.length());
    }

    /** The Java index of a code point. */
    int index(int codePoint) {
        return length() == string.length() ? codePoint : string.offsetByCodePoints(0, codePoint);
    }

    /** The number of code points before a Java index. */
    int codePoints(int index) {
        return length() == string.length() ? index : string.codePointCount(0, index);
    }

    /** Characters that must be looked at to find one by its number. */
    int scan() {
        return points == string.length() + 1 ? 0 : string.length();
    }

    @Override
    String type() {
        return "str";
    }

    @Override
    boolean truth() {
        return !string.isEmpty();
    }

    @Override
    int length() {
        if (points == 0) {
            points = string.codePointCount(0, string.length()) + 1;
        }
        return points - 1;
    }

    @Override
    void print(TextBuilder out) {
        out.append(this);
    }

    @Override
    void repr(TextBuilder out) {
        out.append(safe ? "Markup(" : "");
        char quote = string.indexOf('\'') >= 0 && string.indexOf('"') < 0 ? '"' : '\'';
        out.append(String.valueOf(quote));
        int plain = 0;
        for (int i = 0; i < string.length();) {
            int point = string.codePointAt(i);
            int next = i + Character.charCount(point);
            String escaped = escape(point, quote);
            if (!escaped.isEmpty()) {
                out.append(this, plain, i).appendAs(escaped, this, i);
                plain = next;
            }
            i = next;
        }
        out.append(this, plain, string.length()).append(String.valueOf(quote)).append(safe ? ")" : "");
    }

    private static String escape(int point, char quote) {
        return switch (point) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\\' -> "\\\\";
            default -> {
                if (point == quote) {
                    yield "\\" + quote;
                }
                if (Characters.isPrintable(point)) {
                    yield "";
                }
                yield String.format(point < 0x100 ? "\\x%02x" : point < 0x10000 ? "\\u%04x" : "\\U%08x", point);
            }
        };
    }

    @Override
    Optional<Value> attribute(String name) {
        return StringMethods.of(this, name);
    }

    @Override
    Optional<Value> item(Value key) {
        if (key instanceof Num number && !number.isFloat()) {
            int length = length();
            int at = number.clamped() < 0 ? number.clamped() + length : number.clamped();
            if (at >= 0 && at < length) {
                int index = index(at);
                return Optional.of(slice(index, index + Character.charCount(string.codePointAt(index))));
            }
        }
        return Optional.empty();
    }

    @Override
    Iterator<Value> iterator() {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < string.length();
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                int from = at;
                at += Character.charCount(string.codePointAt(from));
                return slice(from, at).plain();
            }
        };
    }

    /** Its characters; to be paid for before, as they take far more room than the text. */
    @Override
    List<Value> elements() {
        List<Value> characters = new ArrayList<>();
        iterator().forEachRemaining(characters::add);
        return characters;
    }

    @Override
    boolean isIterable() {
        return true;
    }

    @Override
    boolean contains(Value value) {
        if (value instanceof Str part) {
            return TextSearch.of(part.string).first(string, 0) >= 0;
        }
        throw new ChatTemplateException(
                "'in <string>' requires string as left operand, not " + value.type());
    }

    @Override
    long weight() {
        return 1 + string.length() / 16;
    }

    /** The order of Python, which compares code points. */
    @Override
    public int compareTo(Str other) {
        int length = Math.min(string.length(), other.string.length());
        for (int i = 0; i < length; i++) {
            char a = string.charAt(i);
            char b = other.string.charAt(i);
            if (a != b) {
                boolean surrogates = Character.isSurrogate(a) != Character.isSurrogate(b);
                return (surrogates ? Character.isSurrogate(b) : a < b) ? -1 : 1;
            }
        }
        return Integer.compare(string.length(), other.string.length());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Str text && text.string.equals(string);
    }

    @Override
    public int hashCode() {
        return string.hashCode();
    }

    @Override
    public String toString() {
        return string;
    }
}
