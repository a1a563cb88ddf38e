package org.jformers.text.tokenizer;

import java.util.Arrays;

/** Consecutive stretches of a text, each a match of a pattern or the text between matches. */
final class Spans {
    private int[] bounds = new int[16];
    private boolean[] matches = new boolean[8];
    private int size;

    int size() {
        return size;
    }

    int start(int index) {
        return bounds[2 * index];
    }

    int end(int index) {
        return bounds[2 * index + 1];
    }

    boolean isMatch(int index) {
        return matches[index];
    }

    void add(int start, int end, boolean match) {
        if (size == matches.length) {
            matches = Arrays.copyOf(matches, 2 * size);
            bounds = Arrays.copyOf(bounds, 4 * size);
        }
        bounds[2 * size] = start;
        bounds[2 * size + 1] = end;
        matches[size++] = match;
    }

    void endAt(int index, int end) {
        bounds[2 * index + 1] = end;
    }

    /** The same spans, matches and the text between them having changed places. */
    Spans inverted() {
        for (int i = 0; i < size; i++) {
            matches[i] = !matches[i];
        }
        return this;
    }
}
