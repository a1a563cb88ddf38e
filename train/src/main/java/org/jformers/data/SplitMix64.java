package org.jformers.data;

/**
 * The generator behind every shuffle of this package, so that a seed means the same order on every JVM for ever.
 * Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014, figure 17 (with the
 * constants of variant 13 of Stafford's mixer).
 */
final class SplitMix64 {
    static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    /**
     * @param seed what the user chose
     * @param stream which of the sequences of that seed: the epoch, for example
     */
    SplitMix64(long seed, long stream) {
        state = mix(mix(seed + GAMMA) + stream);
    }

    long nextLong() {
        state += GAMMA;
        return mix(state);
    }

    /** Uniform in {@code [0, bound)}, by rejection. */
    int nextInt(int bound) {
        long limit = Long.MAX_VALUE - Long.MAX_VALUE % bound;
        long bits;
        do {
            bits = nextLong() >>> 1;
        } while (bits >= limit);
        return (int) (bits % bound);
    }

    /** Puts the items in random order, by Fisher and Yates, from the last place down. */
    void shuffle(int[] items) {
        for (int last = items.length - 1; last > 0; last--) {
            int other = nextInt(last + 1);
            int item = items[last];
            items[last] = items[other];
            items[other] = item;
        }
    }

    static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
