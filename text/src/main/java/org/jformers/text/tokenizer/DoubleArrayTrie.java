package org.jformers.text.tokenizer;

/**
 * A trie over bytes in the double-array form of the darts-clone library, as sentencepiece stores it. A unit holds a
 * label, the distance to its children, and whether it has a value.
 */
final class DoubleArrayTrie {
    private final int[] units;

    DoubleArrayTrie(int[] units) {
        this.units = units;
    }

    /** Takes the keys that are prefixes of the bytes, shortest first. */
    interface Matches {
        /** @return whether longer keys are wanted */
        boolean found(int length, int value);
    }

    /** Returns how many bytes it looked at. */
    int prefixes(byte[] bytes, int from, int to, Matches out) {
        int node = offset(unit(0));
        int i = from;
        for (; i < to && bytes[i] != 0; i++) {
            int label = bytes[i] & 0xFF;
            node ^= label;
            int unit = unit(node);
            if ((unit & 0x800000FF) != label) {
                break;
            }
            node ^= offset(unit);
            boolean leaf = (unit >>> 8 & 1) == 1;
            if (leaf && !out.found(i + 1 - from, unit(node) & 0x7FFFFFFF)) {
                break;
            }
        }
        return i - from;
    }

    private int unit(int node) {
        if (node < 0 || node >= units.length) {
            throw new TokenizerException(
                    "normalization table is damaged: it points to entry " + node + " of " + units.length);
        }
        return units[node];
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }
}
