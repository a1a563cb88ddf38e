package org.jformers.experiment;

import java.util.Iterator;
import org.jformers.data.Batch;
import org.jformers.data.BatchStream;
import org.jformers.model.Model;

/** Batches on their way to the loop; the task hears of each epoch before, see {@link PreparedTask#beginEpoch}. */
final class EpochFeed implements Iterator<Batch> {
    private final Iterator<Batch> batches;
    private final BatchStream places;
    private final PreparedTask task;
    private final Model model;
    private int epoch = -1;

    /**
     * @param batches those behind a place of the task's stream
     * @param seed of the stream
     * @param position the place
     */
    EpochFeed(Iterator<Batch> batches, PreparedTask task, Model model, long seed, long position) {
        this.batches = batches;
        this.task = task;
        this.model = model;
        places = new BatchStream(task.training(), seed);
        places.skipTo(position);
    }

    @Override
    public boolean hasNext() {
        return batches.hasNext();
    }

    @Override
    public Batch next() {
        places.skipTo(places.position() + 1);
        if (places.epoch() != epoch) {
            epoch = places.epoch();
            task.beginEpoch(epoch, model);
        }
        return batches.next();
    }
}
