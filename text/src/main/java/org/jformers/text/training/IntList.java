package org.jformers.text.training;

import java.util.Arrays;

/** A growing list of ints. */
final class IntList {
    private int[] values = new int[4];
    private int size;

    int size() {
        return size;
    }

    int get(int index) {
        return values[index];
    }

    /** Appends a value unless it is the last one already. */
    void addOnce(int value) {
        if (size > 0 && values[size - 1] == value) {
            return;
        }
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = value;
    }
}
