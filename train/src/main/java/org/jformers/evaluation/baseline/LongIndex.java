package org.jformers.evaluation.baseline;

import java.util.Arrays;

/** Numbers distinct non-negative long keys from 0 in order of appearance: a hash table without boxes. */
final class LongIndex {
    private static final int NONE = -1;

    private long[] keys = new long[1 << 10];
    private int[] slots = filled(1 << 11);
    private int size;

    int size() {
        return size;
    }

    long key(int index) {
        return keys[index];
    }

    /** The number of the key, or -1. */
    int find(long key) {
        return slots[slot(key)];
    }

    /** The number of the key, which it gets now if it had none. */
    int add(long key) {
        int slot = slot(key);
        if (slots[slot] != NONE) {
            return slots[slot];
        }
        if (size == keys.length) {
            grow();
            slot = slot(key);
        }
        keys[size] = key;
        slots[slot] = size;
        return size++;
    }

    private int slot(long key) {
        int mask = slots.length - 1;
        long hash = key * 0x9E3779B97F4A7C15L;
        int slot = (int) (hash >>> 32) & mask;
        while (slots[slot] != NONE && keys[slots[slot]] != key) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    /** Twice as many keys as there were, and slots for twice as many keys again. */
    private void grow() {
        keys = Arrays.copyOf(keys, 2 * size);
        slots = filled(4 * size);
        for (int i = 0; i < size; i++) {
            slots[slot(keys[i])] = i;
        }
    }

    private static int[] filled(int length) {
        int[] slots = new int[length];
        Arrays.fill(slots, NONE);
        return slots;
    }
}
