package org.jformers.text.tokenizer;

import java.util.Arrays;
import org.jformers.text.tokenizer.TokenSink.WordTokens;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of words seen before: a table of fixed size in which a newer word takes the place of an older one. Entries
 * are immutable, so threads need no lock; at worst one of them computes a word again.
 */
final class WordCache {
    private static final int SLOTS = 1 << 15;
    private static final int LONGEST_WORD = 64;

    private final @Nullable Entry[] entries = new Entry[SLOTS];

    private record Entry(int[] word, int hash, WordTokens tokens) {}

    static int hash(Text word) {
        int hash = word.length();
        for (int i = word.from; i < word.to; i++) {
            hash = hash * 31 + word.chars[i];
        }
        return hash * 0x9E3779B9;
    }

    /** The tokens of the word, null if they are not known. */
    @Nullable WordTokens find(Text word, int hash) {
        Entry entry = entries[hash >>> 17];
        boolean same = entry != null
                && entry.hash == hash
                && Arrays.equals(entry.word, 0, entry.word.length, word.chars, word.from, word.to);
        return same ? entry.tokens : null;
    }

    void put(int[] word, int hash, WordTokens tokens) {
        if (word.length <= LONGEST_WORD) {
            entries[hash >>> 17] = new Entry(word, hash, tokens);
        }
    }
}
