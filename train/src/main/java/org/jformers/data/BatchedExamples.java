package org.jformers.data;

import java.util.Iterator;
import java.util.stream.IntStream;

/** Examples that know how they group to batches. Immutable, so that several threads may collate at once. */
public interface BatchedExamples {

    /** The batches of an epoch; follows from the seed and the epoch alone. */
    EpochPlan epoch(long seed, int epoch);

    /** The batches of an evaluation, where every example occurs once. */
    EpochPlan evaluation();

    /**
     * Puts examples together, for training.
     *
     * @param examples numbers of the examples
     * @param draw where random choices of the epoch come from, such as which tokens are hidden
     * @param position becomes {@link Batch#position()}
     */
    Batch collate(int[] examples, Draw draw, long position);

    /** The batches of an evaluation, made as they are asked for, at positions from 1. */
    default Iterable<Batch> evaluationBatches() {
        int[][] batches = evaluation().batches();
        return () -> evaluationIterator(batches);
    }

    private Iterator<Batch> evaluationIterator(int[][] batches) {
        return IntStream.range(0, batches.length).mapToObj(i -> collate(batches[i], Draw.FIXED, i + 1L)).iterator();
    }
}
