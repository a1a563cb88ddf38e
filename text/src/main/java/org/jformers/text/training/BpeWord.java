package org.jformers.text.training;

/** A word of the training texts as the symbols it has come down to so far, and how often it occurs. */
final class BpeWord {
    private final int[] symbols;
    private final long count;
    private int length;

    BpeWord(int[] symbols, long count) {
        this.symbols = symbols;
        this.length = symbols.length;
        this.count = count;
    }

    /** Hears how often a pair of neighbours comes or goes within one word. */
    interface Changes {
        void add(int left, int right, int change);
    }

    int length() {
        return length;
    }

    int symbol(int index) {
        return symbols[index];
    }

    long count() {
        return count;
    }

    /** Merges the pair wherever it stands, from left to right; the pair itself is not reported. */
    void merge(int left, int right, int merged, Changes changes) {
        int out = 0;
        for (int i = 0; i < length; i++) {
            if (symbols[i] != left || i + 1 >= length || symbols[i + 1] != right) {
                symbols[out++] = symbols[i];
                continue;
            }
            if (out > 0) {
                changes.add(symbols[out - 1], left, -1);
                changes.add(symbols[out - 1], merged, 1);
            }
            if (i + 2 < length) {
                changes.add(right, symbols[i + 2], -1);
                changes.add(merged, symbols[i + 2], 1);
            }
            symbols[out++] = merged;
            i++;
        }
        length = out;
    }
}
