package org.jformers.text.tokenizer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The symbols of one word while pairs are merged: a linked list in arrays. */
final class MergeSequence {
    /** Up to this length looking at every pair again is faster than a heap. */
    private static final int SCAN_LIMIT = 48;

    /** Hears of a pair of symbols and of what it can be merged into. */
    @FunctionalInterface
    interface Pairs {
        void together(int left, int right, int merged);
    }

    /** Null where nobody wants to hear, which is nearly always. */
    private @Nullable Pairs heard;
    private int[] ids;
    private int[] starts;
    private int[] ends;
    private int[] next = {};
    private int[] previous = {};
    private int size;

    MergeSequence(int capacity) {
        ids = new int[capacity];
        starts = new int[capacity];
        ends = new int[capacity];
    }

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

    /**
     * Places follow one another as the reference counts them, though characters were left out or come in another order:
     * in bytes of UTF-8, of which a token that shares its character with others has one.
     */
    void closeGaps(Text word) {
        int[] characters = charactersOfBytes(word);
        int place = 0;
        int previousStart = -1;
        for (int i = 0; i < size; i++) {
            boolean isByte = starts[i] == previousStart || (i + 1 < size && starts[i] == starts[i + 1]);
            int width = isByte ? 1 : word.bytes(starts[i], ends[i]);
            previousStart = starts[i];
            starts[i] = characters[Math.min(place, characters.length - 1)];
            place += width;
            ends[i] = characters[Math.min(place, characters.length) - 1] + 1;
        }
    }

    private static int[] charactersOfBytes(Text word) {
        int[] characters = new int[word.bytes(0, word.length())];
        int at = 0;
        for (int i = 0; i < word.length(); i++) {
            int end = at + word.bytes(i, i + 1);
            Arrays.fill(characters, at, end, i);
            at = end;
        }
        return characters;
    }

    /** Merges pairs in the order of their ranks, from left to right among equals, until no rule applies. */
    void mergeAll(PairTable rules) {
        mergeAll(rules, null);
    }

    /** The same, telling of every pair that comes to stand together and has a rule. */
    void mergeAll(PairTable rules, @Nullable Pairs pairs) {
        heard = pairs;
        if (size <= SCAN_LIMIT) {
            mergeByScan(rules);
        } else {
            mergeByHeap(rules);
        }
    }

    void emit(TokenSink out) {
        for (int i = 0; i < size; i++) {
            out.add(ids[i], starts[i], ends[i]);
        }
    }

    private void mergeByScan(PairTable rules) {
        int[] slots = new int[Math.max(size - 1, 0)];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = find(rules, ids[i], ids[i + 1]);
        }
        while (true) {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i < size - 1; i++) {
                if (slots[i] >= 0 && rules.rank(slots[i]) < bestRank) {
                    best = i;
                    bestRank = rules.rank(slots[i]);
                }
            }
            if (best < 0) {
                return;
            }
            ids[best] = rules.result(slots[best]);
            ends[best] = ends[best + 1];
            int moved = size - best - 2;
            System.arraycopy(ids, best + 2, ids, best + 1, moved);
            System.arraycopy(starts, best + 2, starts, best + 1, moved);
            System.arraycopy(ends, best + 2, ends, best + 1, moved);
            size--;
            if (moved > 0) {
                System.arraycopy(slots, best + 2, slots, best + 1, moved - 1);
            } else {
                slots[best] = -1;
            }
            if (best > 0) {
                slots[best - 1] = find(rules, ids[best - 1], ids[best]);
            }
            if (best < size - 1) {
                slots[best] = find(rules, ids[best], ids[best + 1]);
            }
        }
    }

    private void mergeByHeap(PairTable rules) {
        next = new int[size];
        previous = new int[size];
        LongHeap heap = new LongHeap(size);
        for (int i = 0; i < size; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        for (int i = 0; i + 1 < size; i++) {
            push(heap, rules, i);
        }
        while (!heap.isEmpty()) {
            long top = heap.pop();
            int left = (int) top;
            int right = ids[left] < 0 ? size : next[left];
            int slot = right < size ? rules.find(ids[left], ids[right]) : -1;
            if (slot < 0 || rules.rank(slot) != (int) (top >>> 32)) {
                continue; // the pair is gone
            }
            ids[left] = rules.result(slot);
            ends[left] = ends[right];
            ids[right] = -1;
            next[left] = next[right];
            if (previous[left] >= 0) {
                push(heap, rules, previous[left]);
            }
            if (next[left] < size) {
                previous[next[left]] = left;
                push(heap, rules, left);
            }
        }
        compact();
    }

    private void push(LongHeap heap, PairTable rules, int left) {
        int slot = find(rules, ids[left], ids[next[left]]);
        if (slot >= 0) {
            heap.push((long) rules.rank(slot) << 32 | left);
        }
    }

    private int find(PairTable rules, int left, int right) {
        int slot = rules.find(left, right);
        if (heard != null && slot >= 0) {
            heard.together(left, right, rules.result(slot));
        }
        return slot;
    }

    private void compact() {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (ids[i] >= 0) {
                ids[kept] = ids[i];
                starts[kept] = starts[i];
                ends[kept++] = ends[i];
            }
        }
        size = kept;
    }

    /** A binary heap of longs, smallest first. */
    private static final class LongHeap {
        private long[] values;
        private int size;

        LongHeap(int capacity) {
            values = new long[capacity + 1];
        }

        boolean isEmpty() {
            return size == 0;
        }

        void push(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            int child = size++;
            while (child > 0 && values[(child - 1) / 2] > value) {
                values[child] = values[(child - 1) / 2];
                child = (child - 1) / 2;
            }
            values[child] = value;
        }

        long pop() {
            long top = values[0];
            long last = values[--size];
            int parent = 0;
            while (2 * parent + 1 < size) {
                int child = 2 * parent + 1;
                if (child + 1 < size && values[child + 1] < values[child]) {
                    child++;
                }
                if (values[child] >= last) {
                    break;
                }
                values[parent] = values[child];
                parent = child;
            }
            values[parent] = last;
            return top;
        }
    }
}
