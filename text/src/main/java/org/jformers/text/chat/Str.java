package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jformers.text.tokenizer.Segment;

/**
 * A text in which every character knows whether the template wrote it or whether it stems from data. All that a
 * template can do with texts keeps this, so that in the end only its own text may become special tokens.
 *
 * <p>Indexes are those of Java unless a method says code points; Python counts these.
 */
final class Str extends Value {
    static final Str EMPTY = new Str("", new BitSet());

    private final String string;
    private final BitSet data;

    /** @param data the characters that stem from data; not changed afterwards */
    Str(String string, BitSet data) {
        this.string = string;
        this.data = data;
    }

    /** Text that the template wrote. */
    static Str of(String string) {
        return string.isEmpty() ? EMPTY : new Str(string, EMPTY.data);
    }

    /** Text that stems from data. */
    static Str data(String string) {
        BitSet all = new BitSet(string.length());
        all.set(0, string.length());
        return new Str(string, all);
    }

    String string() {
        return string;
    }

    boolean isData(int index) {
        return data.get(index);
    }

    boolean hasData() {
        return !data.isEmpty();
    }

    void markOn(BitSet target, int at) {
        for (int from = data.nextSetBit(0); from >= 0;) {
            int to = data.nextClearBit(from);
            target.set(at + from, at + to);
            from = data.nextSetBit(to);
        }
    }

    /** The same marks on another spelling; where characters and marks no longer match, all counts as data. */
    Str spelled(String other) {
        if (other.length() == string.length()) {
            return new Str(other, data);
        }
        return hasData() ? data(other) : of(other);
    }

    /** Its stretches with one origin each. */
    List<Segment> segments() {
        List<Segment> segments = new ArrayList<>();
        for (int from = 0; from < string.length();) {
            boolean foreign = data.get(from);
            int change = foreign ? data.nextClearBit(from) : data.nextSetBit(from);
            int to = change < 0 ? string.length() : change;
            segments.add(new Segment(
                    string.substring(from, to), foreign ? Segment.Origin.DATA : Segment.Origin.TEMPLATE));
            from = to;
        }
        return segments;
    }

    Str slice(int from, int to) {
        return from == 0 && to == string.length() ? this : new Str(string.substring(from, to), data.get(from, to));
    }

    Str slice(int from) {
        return slice(from, string.length());
    }

    /** The Java index of a code point. */
    int index(int codePoint) {
        return isPlain() ? codePoint : string.offsetByCodePoints(0, codePoint);
    }

    /** The number of code points before a Java index. */
    int codePoints(int index) {
        return isPlain() ? index : string.codePointCount(0, index);
    }

    private boolean isPlain() {
        for (int i = 0; i < string.length(); i++) {
            if (Character.isSurrogate(string.charAt(i))) {
                return false;
            }
        }
        return true;
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
        return codePoints(string.length());
    }

    @Override
    void print(TextBuilder out) {
        out.append(this);
    }

    @Override
    void repr(TextBuilder out) {
        char quote = string.indexOf('\'') >= 0 && string.indexOf('"') < 0 ? '"' : '\'';
        out.append(String.valueOf(quote));
        for (int i = 0; i < string.length();) {
            int point = string.codePointAt(i);
            int next = i + Character.charCount(point);
            String escaped = escape(point, quote);
            if (escaped.isEmpty()) {
                out.append(this, i, next);
            } else {
                out.appendAs(escaped, this, i);
            }
            i = next;
        }
        out.append(String.valueOf(quote));
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
    List<Value> elements() {
        List<Value> characters = new ArrayList<>();
        for (int i = 0; i < string.length();) {
            int next = i + Character.charCount(string.codePointAt(i));
            characters.add(slice(i, next));
            i = next;
        }
        return characters;
    }

    @Override
    boolean isIterable() {
        return true;
    }

    @Override
    boolean contains(Value value) {
        if (value instanceof Str part) {
            return string.contains(part.string);
        }
        throw new ChatTemplateException(
                "'in <string>' requires string as left operand, not " + value.type());
    }

    @Override
    long weight() {
        return 1 + string.length() / 16;
    }

    /** The order of Python, which compares code points. */
    int compareTo(Str other) {
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
