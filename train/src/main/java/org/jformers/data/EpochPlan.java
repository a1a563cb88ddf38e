package org.jformers.data;

/**
 * The batches of one pass over the examples.
 *
 * @param batches numbers of the examples, batch by batch, in the order of training
 * @param tokens number of real tokens in all batches, inputs and targets
 * @param cells number of places for tokens in all batches, padding included
 */
public record EpochPlan(int[][] batches, long tokens, long cells) {

    /** Share of the places that hold padding. */
    public double paddingShare() {
        return cells == 0 ? 0 : 1 - (double) tokens / cells;
    }
}
