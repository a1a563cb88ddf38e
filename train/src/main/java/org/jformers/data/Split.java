package org.jformers.data;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Rows parted into those to train on, to validate on and to test on. All rows with the same key go to the same part.
 *
 * <p>The distinct keys, sorted by their UTF-16 code units, are shuffled (Fisher-Yates with SplitMix64, Steele et al.
 * 2014) from the seed; the first ones are the test keys, the next the validation keys, the rest train. So the same keys
 * and seed give the same parts on every JVM, in whatever order the rows come. Within a part the rows keep their order.
 */
public record Split(Table train, Table validation, Table test) {

    /** How many distinct keys a part gets. */
    public sealed interface Share {

        /** Exactly this many keys. */
        static Share count(int keys) {
            return new Count(keys);
        }

        /** This fraction of the keys, rounded to the nearest number. */
        static Share fraction(double fraction) {
            return new Fraction(fraction);
        }

        /** Number of keys out of all. */
        int of(int keys);
    }

    /** Exactly so many keys. */
    public record Count(int keys) implements Share {
        public Count {
            if (keys < 0) {
                throw new DataException("split: count must be >= 0, got " + keys);
            }
        }

        @Override
        public int of(int all) {
            return keys;
        }
    }

    /** A fraction of the keys. */
    public record Fraction(double fraction) implements Share {
        public Fraction {
            if (!(fraction >= 0 && fraction < 1)) {
                throw new DataException("split: fraction must be in [0, 1), got " + fraction);
            }
        }

        @Override
        public int of(int all) {
            return (int) Math.round(fraction * all);
        }
    }

    /**
     * Splits a table.
     *
     * @param key the column whose equal values must stay together
     */
    public static Split of(Table table, String key, Share validation, Share test, long seed) {
        Rows rows = rows(table.name(), key, table.column(key), validation, test, seed);
        return new Split(table.select(rows.train), table.select(rows.validation), table.select(rows.test));
    }

    /** Indices of the rows of each part, ascending. */
    public record Rows(int[] train, int[] validation, int[] test) {}

    /**
     * Splits rows by their keys.
     *
     * @param name where the rows come from, for messages
     * @param key what the keys are, for messages
     * @param keys one for each row; rows with equal ones stay together
     */
    public static Rows rows(String name, String key, List<String> keys, Share validation, Share test, long seed) {
        List<String> distinct = List.copyOf(new TreeSet<>(keys));
        int testKeys = test.of(distinct.size());
        int validationKeys = validation.of(distinct.size());
        if ((long) testKeys + validationKeys >= distinct.size()) {
            throw new DataException("split: " + testKeys + " test and " + validationKeys + " validation values of "
                    + key + " leave nothing to train on, " + name + " has " + distinct.size());
        }
        int[] order = IntStream.range(0, distinct.size()).toArray();
        new SplitMix64(seed, 0).shuffle(order);
        Map<String, Integer> rank = new HashMap<>();
        for (int i = 0; i < order.length; i++) {
            rank.put(distinct.get(order[i]), i);
        }
        int[] ranks = keys.stream().mapToInt(rank::get).toArray();
        return new Rows(
                part(ranks, testKeys + validationKeys, distinct.size()),
                part(ranks, testKeys, testKeys + validationKeys),
                part(ranks, 0, testKeys));
    }

    private static int[] part(int[] ranks, int from, int to) {
        return IntStream.range(0, ranks.length).filter(row -> ranks[row] >= from && ranks[row] < to).toArray();
    }
}
