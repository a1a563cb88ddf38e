package org.jformers.text.tokenizer;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * A new text by the characters of an old one. Every character has a change: 0 takes the place of the next old
 * character, 1 is an insertion after it, and -n takes the place of the next old character and swallows n more.
 */
final class Changes {
    private int[] chars;
    private int[] changes;
    private int size;

    Changes(int capacity) {
        chars = new int[Math.max(capacity, 8)];
        changes = new int[chars.length];
    }

    int size() {
        return size;
    }

    int character(int index) {
        return chars[index];
    }

    int change(int index) {
        return changes[index];
    }

    void add(int c, int change) {
        if (size == chars.length) {
            chars = Arrays.copyOf(chars, 2 * size);
            changes = Arrays.copyOf(changes, 2 * size);
        }
        chars[size] = c;
        changes[size++] = change;
    }

    void set(int index, int c, int change) {
        chars[index] = c;
        changes[index] = change;
    }

    /** Replaces the next {@code old} characters by the string, one for one; the last takes what is left over. */
    void replace(int old, String string) {
        int[] added = string.codePoints().toArray();
        for (int i = 0; i < added.length; i++) {
            add(added[i], i < old ? 0 : 1);
        }
        if (added.length < old && size > 0) {
            changes[size - 1] += added.length - old;
        }
    }

    /** Sorts a stretch by a rank of the characters, stably. */
    void sort(int from, int to, IntUnaryOperator rank) {
        long[] keys = new long[to - from];
        for (int i = from; i < to; i++) {
            keys[i - from] = (long) rank.applyAsInt(chars[i]) << 32 | i;
        }
        Arrays.sort(keys);
        int[] oldChars = Arrays.copyOfRange(chars, from, to);
        int[] oldChanges = Arrays.copyOfRange(changes, from, to);
        for (int i = from; i < to; i++) {
            int old = (int) keys[i - from] - from;
            set(i, oldChars[old], oldChanges[old]);
        }
    }

    /** The new text, with the places of the old one. */
    Text apply(Text old) {
        Text.Builder out = old.builder(size);
        int next = 0;
        for (int i = 0; i < size; i++) {
            boolean inserted = changes[i] > 0;
            int place = inserted ? next - 1 : next;
            if (place < 0 || place >= old.length()) {
                int edge = place < 0 ? old.start(0) : old.end(old.length() - 1);
                out.add(chars[i], edge, edge);
            } else {
                out.add(chars[i], old, place);
            }
            next += inserted ? 0 : 1 - changes[i];
        }
        return out.build();
    }
}
