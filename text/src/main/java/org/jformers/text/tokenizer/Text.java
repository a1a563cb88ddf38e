package org.jformers.text.tokenizer;

import java.util.Arrays;
import org.jformers.text.WorkBudget;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of text as code points, each with the range of the original text that it stands for. Slices share the
 * arrays. {@code starts == null} means that nothing was changed yet: index and original offset are the same. With it
 * goes what may still be spent on it; every text that is made of it is paid for.
 */
final class Text {
    private static final int REPLACEMENT = 0xFFFD;

    final int[] chars;
    final int from;
    final int to;
    final WorkBudget budget;
    private final int @Nullable [] starts;
    private final int @Nullable [] ends;

    private Text(
            int[] chars, int @Nullable [] starts, int @Nullable [] ends, int from, int to, WorkBudget budget) {
        this.budget = budget;
        this.chars = chars;
        this.starts = starts;
        this.ends = ends;
        this.from = from;
        this.to = to;
    }

    /** The original text, with a budget of its own; a surrogate without its partner becomes U+FFFD. */
    static Text of(String string) {
        return of(string, Work.ofText(string.length()));
    }

    static Text of(String string, WorkBudget budget) {
        int length = string.length();
        int[] chars = new int[length];
        int count = 0;
        for (int i = 0; i < length; i++) {
            char c = string.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < length
                        && Character.isLowSurrogate(string.charAt(i + 1));
                chars[count++] = pair ? Character.toCodePoint(c, string.charAt(++i)) : REPLACEMENT;
            } else {
                chars[count++] = c;
            }
        }
        return new Text(chars, null, null, 0, count, budget);
    }

    /** A word by itself, whose places are its own indices. */
    static Text of(int[] chars, WorkBudget budget) {
        return new Text(chars, null, null, 0, chars.length, budget);
    }

    int length() {
        return to - from;
    }

    boolean isEmpty() {
        return from == to;
    }

    int at(int index) {
        return chars[from + index];
    }

    /** Where the character at the index begins in the original text. */
    int start(int index) {
        return starts == null ? from + index : starts[from + index];
    }

    /** Where the character at the index ends in the original text. */
    int end(int index) {
        return ends == null ? from + index + 1 : ends[from + index];
    }

    Text slice(int begin, int end) {
        return begin == 0 && end == length() ? this : new Text(chars, starts, ends, from + begin, from + end, budget);
    }

    /** For a changed form of this text. */
    Builder builder(long capacity) {
        return new Builder(capacity, budget);
    }

    /** Length of {@code [begin, end)} in UTF-8. */
    int bytes(int begin, int end) {
        int bytes = 0;
        for (int i = begin; i < end; i++) {
            int c = at(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        }
        return bytes;
    }

    boolean isAscii() {
        int all = 0;
        for (int i = from; i < to; i++) {
            all |= chars[i];
        }
        return all < 0x80;
    }

    @Override
    public String toString() {
        return new String(chars, from, length());
    }

    /** Collects the characters of a changed text. */
    static final class Builder {
        private final WorkBudget budget;
        private int[] chars;
        private int[] starts;
        private int[] ends;
        private int length;

        private Builder(long capacity, WorkBudget budget) {
            this.budget = budget;
            budget.room(capacity);
            chars = new int[(int) Math.max(capacity, 8)];
            starts = new int[chars.length];
            ends = new int[chars.length];
        }

        int length() {
            return length;
        }

        /** Appends a character that stands for {@code [start, end)} of the original text. */
        Builder add(int c, int start, int end) {
            if (length == chars.length) {
                budget.room(length + 1L);
                budget.spend(length);
                chars = Arrays.copyOf(chars, 2 * length);
                starts = Arrays.copyOf(starts, 2 * length);
                ends = Arrays.copyOf(ends, 2 * length);
            }
            chars[length] = c;
            starts[length] = start;
            ends[length++] = end;
            return this;
        }

        /** Appends a character in the place of the source's character at the index. */
        Builder add(int c, Text source, int index) {
            return add(c, source.start(index), source.end(index));
        }

        /** Appends {@code [begin, end)} of the source as it is. */
        Builder copy(Text source, int begin, int end) {
            for (int i = begin; i < end; i++) {
                add(source.at(i), source.start(i), source.end(i));
            }
            return this;
        }

        Text build() {
            budget.spend(length);
            return new Text(chars, starts, ends, 0, length, budget);
        }
    }
}
