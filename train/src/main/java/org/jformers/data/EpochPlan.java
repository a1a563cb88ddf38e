package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The batches of one pass over the examples.
 *
 * @param batches numbers of the examples, batch by batch, in the order of training
 * @param tokens number of real tokens in all batches, inputs and targets
 * @param cells number of places for tokens in all batches, padding included
 */
public record EpochPlan(int[][] batches, long tokens, long cells) {

    /** Batches of so many examples, of one place each; the last may have fewer. */
    static EpochPlan cut(int[] order, int perBatch) {
        return new EpochPlan(batches(order, perBatch), order.length, order.length);
    }

    /** So many examples each; the last may have fewer. */
    static int[][] batches(int[] order, int perBatch) {
        return IntStream.iterate(0, from -> from < order.length, from -> from + perBatch)
                .mapToObj(from -> Arrays.copyOfRange(order, from, Math.min(order.length, from + perBatch)))
                .toArray(int[][]::new);
    }

    /**
     * Examples that go on from batch to batch: they are parted into so many streams of neighbours, and the rows of a
     * batch are one of each. Streams differ by one example at most; the longer ones come first, so that those that go
     * on are the first rows of the batch before.
     */
    static int[][] streams(int examples, int streams) {
        int each = examples / streams;
        int longer = examples % streams;
        return IntStream.range(0, longer > 0 ? each + 1 : each)
                .mapToObj(place -> IntStream.range(0, place < each ? streams : longer)
                        .map(stream -> stream * each + Math.min(stream, longer) + place).toArray())
                .toArray(int[][]::new);
    }

    /** For each row of a batch of {@link #streams}, the number of the batch, from 0: the first stream begins at 0. */
    static Batch.Field segment(int[] examples) {
        return new Batch.Longs(IntStream.of(examples).mapToLong(row -> examples[0]).toArray(), examples.length);
    }

    /**
     * So many examples each, none of which have a part in common: one batch after another is filled with the first
     * examples left that fit into it.
     *
     * @param parts for each example the numbers of its parts
     */
    static int[][] apart(int[] order, int[][] parts, int perBatch) {
        List<int[]> batches = new ArrayList<>();
        int[] left = order.clone();
        int start = 0; // those before it are in batches
        while (start < left.length) {
            Set<Integer> met = new HashSet<>();
            List<Integer> batch = new ArrayList<>();
            List<Integer> waiting = new ArrayList<>();
            int at = start;
            for (; at < left.length && batch.size() < perBatch; at++) {
                int[] own = parts[left[at]];
                if (Arrays.stream(own).anyMatch(met::contains)) {
                    waiting.add(left[at]);
                } else {
                    batch.add(left[at]);
                    Arrays.stream(own).forEach(met::add);
                }
            }
            batches.add(batch.stream().mapToInt(Integer::intValue).toArray());
            start = at - waiting.size();
            for (int i = 0; i < waiting.size(); i++) {
                left[start + i] = waiting.get(i);
            }
        }
        return batches.toArray(int[][]::new);
    }

    /** All examples in the random order of an epoch. */
    static int[] shuffled(int examples, long seed, int epoch) {
        int[] order = IntStream.range(0, examples).toArray();
        new SplitMix64(seed, epoch).shuffle(order);
        return order;
    }

    /** The examples in the order of the batches: what comes out of the batches one by one belongs to these. */
    public int[] order() {
        return Arrays.stream(batches).flatMapToInt(Arrays::stream).toArray();
    }

    /** Share of the places that hold padding. */
    public double paddingShare() {
        return cells == 0 ? 0 : 1 - (double) tokens / cells;
    }
}
