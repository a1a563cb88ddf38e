package org.jformers.objective;

import org.jformers.data.Batch;
import org.jformers.model.Model;
import org.jformers.model.head.TokenLoss;

/** A task to train a model for: a loss over a batch. */
public interface Objective {

    /**
     * The loss of the batch's labelled tokens. A sum, so that several batches can make one step in which every token
     * counts the same; {@link Batch#tokens} is its divisor.
     */
    TokenLoss loss(Model model, Batch batch);
}
