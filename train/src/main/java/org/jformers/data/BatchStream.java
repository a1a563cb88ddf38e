package org.jformers.data;

import java.util.Iterator;
import java.util.function.Supplier;

/**
 * The endless stream of training batches: epoch after epoch, each in its own order. What it gives at a position follows
 * from the examples, the seed and the position alone, so a run that resumes with {@link #skipTo} sees the batches that
 * it would have seen without the break. Not thread-safe.
 */
public final class BatchStream implements Iterator<Batch> {
    private final BatchedExamples examples;
    private final long seed;
    private int epoch;
    private EpochPlan plan;
    private int delivered;
    private long position;

    /** A stream at position 0. */
    public BatchStream(BatchedExamples examples, long seed) {
        this.examples = examples;
        this.seed = seed;
        plan = examples.epoch(seed, 0);
    }

    /** True: there is always a next batch. */
    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    public Batch next() {
        return nextLater().get();
    }

    /** Moves on by one batch; the result makes it, on whatever thread. */
    Supplier<Batch> nextLater() {
        int[] batch = nextExamples();
        long after = position;
        Draw draw = new Draw(seed, epoch);
        return () -> examples.collate(batch, draw, after);
    }

    /** Moves on by one batch and gives the numbers of its examples. */
    int[] nextExamples() {
        if (delivered == plan.batches().length) {
            epoch++;
            plan = examples.epoch(seed, epoch);
            delivered = 0;
        }
        position++;
        return plan.batches()[delivered++];
    }

    /** Number of batches delivered or skipped since the start of the stream. */
    public long position() {
        return position;
    }

    /** The epoch of the last batch delivered, from 0. */
    public int epoch() {
        return epoch;
    }

    /** Batches and padding of the epoch of the last batch delivered. */
    public EpochPlan plan() {
        return plan;
    }

    /** Goes to where {@link #position()} is as given, forwards or backwards, without making a batch. */
    public void skipTo(long newPosition) {
        if (newPosition < 0) {
            throw new DataException("batch stream: position must be >= 0, got " + newPosition);
        }
        if (newPosition < position) {
            epoch = 0;
            plan = examples.epoch(seed, 0);
            delivered = 0;
            position = 0;
        }
        while (newPosition - position > plan.batches().length - delivered) {
            position += plan.batches().length - delivered;
            epoch++;
            plan = examples.epoch(seed, epoch);
            delivered = 0;
        }
        delivered += (int) (newPosition - position);
        position = newPosition;
    }
}
