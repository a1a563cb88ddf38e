package org.jformers.objective;

import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.Model;

/** A task to train a model for: a loss over a batch. */
public interface Objective {

    /**
     * The sum of the losses of the batch's labelled tokens, a float32 scalar of the caller's scope. A sum, so that
     * several batches can make one step in which every token counts the same; {@link Batch#tokens} is its divisor.
     */
    Tensor lossSum(Model model, Batch batch);
}
