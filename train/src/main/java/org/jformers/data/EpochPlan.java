package org.jformers.data;

import java.util.Arrays;

/**
 * The batches of one pass over the examples.
 *
 * @param batches numbers of the examples, batch by batch, in the order of training
 * @param tokens number of real tokens in all batches, inputs and targets
 * @param cells number of places for tokens in all batches, padding included
 */
public record EpochPlan(int[][] batches, long tokens, long cells) {

    /** The examples in the order of the batches: what comes out of the batches one by one belongs to these. */
    public int[] order() {
        return Arrays.stream(batches).flatMapToInt(Arrays::stream).toArray();
    }

    /** Share of the places that hold padding. */
    public double paddingShare() {
        return cells == 0 ? 0 : 1 - (double) tokens / cells;
    }
}
