package org.jformers.text.tokenizer;

import java.util.Arrays;

/** Merge rules by pair of ids, in an open hash table without boxes. */
final class PairTable {
    private static final long FREE = -1;

    private final long[] pairs;
    private final int[] ranks;
    private final int[] results;
    private final int mask;

    PairTable(int expected) {
        int capacity = Integer.highestOneBit(Math.max(expected, 8) * 2 - 1) * 2;
        pairs = new long[capacity];
        Arrays.fill(pairs, FREE);
        ranks = new int[capacity];
        results = new int[capacity];
        mask = capacity - 1;
    }

    void put(int left, int right, int rank, int result) {
        long pair = pair(left, right);
        int slot = slot(pair);
        while (pairs[slot] != FREE && pairs[slot] != pair) {
            slot = slot + 1 & mask;
        }
        pairs[slot] = pair;
        ranks[slot] = rank;
        results[slot] = result;
    }

    /** The slot of a pair, -1 if there is no rule for it. */
    int find(int left, int right) {
        long pair = pair(left, right);
        int slot = slot(pair);
        while (pairs[slot] != pair) {
            if (pairs[slot] == FREE) {
                return -1;
            }
            slot = slot + 1 & mask;
        }
        return slot;
    }

    int rank(int slot) {
        return ranks[slot];
    }

    int result(int slot) {
        return results[slot];
    }

    private int slot(long pair) {
        long hash = pair * 0x9E3779B97F4A7C15L;
        return (int) (hash >>> 32) & mask;
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }
}
