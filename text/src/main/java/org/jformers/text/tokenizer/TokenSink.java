package org.jformers.text.tokenizer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one word while a model finds them: ids, places in the word, and texts where the vocabulary has none.
 */
final class TokenSink {
    private int[] ids = new int[8];
    private int[] starts = new int[8];
    private int[] ends = new int[8];
    private @Nullable String @Nullable [] surfaces;
    private int size;

    int size() {
        return size;
    }

    void add(int id, int start, int end) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
            starts = Arrays.copyOf(starts, 2 * size);
            ends = Arrays.copyOf(ends, 2 * size);
        }
        ids[size] = id;
        starts[size] = start;
        ends[size++] = end;
    }

    /** Adds a token that is shown as the text it stands for, not as its vocabulary entry. */
    void add(int id, int start, int end, String surface) {
        add(id, start, end);
        if (surfaces == null) {
            surfaces = new String[ids.length];
        } else if (surfaces.length < size) {
            surfaces = Arrays.copyOf(surfaces, ids.length);
        }
        surfaces[size - 1] = surface;
    }

    /** Takes back the tokens from the given size on. */
    void truncate(int newSize) {
        size = newSize;
    }

    /** What was added. */
    WordTokens tokens() {
        return tokens(Arrays.copyOf(starts, size), Arrays.copyOf(ends, size));
    }

    /** What was added; places are those of the text that the mapped word stands for. */
    WordTokens tokens(Text mapped) {
        int[] from = Arrays.copyOf(starts, size);
        int[] to = Arrays.copyOf(ends, size);
        for (int i = 0; i < size; i++) {
            if (from[i] < to[i]) {
                to[i] = mapped.end(to[i] - 1);
                from[i] = mapped.start(from[i]);
            }
        }
        return tokens(from, to);
    }

    private WordTokens tokens(int[] from, int[] to) {
        return new WordTokens(
                Arrays.copyOf(ids, size), from, to, surfaces == null ? null : Arrays.copyOf(surfaces, size));
    }

    /** The tokens of a word; {@code surfaces} is null when all are shown as in the vocabulary. */
    record WordTokens(int[] ids, int[] starts, int[] ends, @Nullable String @Nullable [] surfaces) {}
}
