package org.jformers.objective;

import org.jformers.data.Batch;
import org.jformers.model.Loss;

/**
 * What is made small: a loss over batches. It holds the model, or the models, that it is about, and refuses those that
 * it makes no sense for when it is made.
 */
public interface Objective {

    /** The loss of a batch: sums, so that several batches can make one step in which every label counts the same. */
    Loss loss(Batch batch);

    /**
     * What a batch contributes to the divisor of a term: as many labels as it holds for the model's own loss, one for
     * whatever is a mean over the batch.
     */
    default double count(Batch batch, String term) {
        return term.equals(Loss.MAIN) ? batch.labels() : 1;
    }
}
