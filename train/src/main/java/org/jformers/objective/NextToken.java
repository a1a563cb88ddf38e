package org.jformers.objective;

import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.model.Model;

/**
 * Causal language modelling: each position predicts the token behind it. The batch's labels are already those of the
 * next position, so that blocks cut from a stream lose no token.
 */
public record NextToken(Model model) implements Objective {
    /** @throws org.jformers.JformersException if the model sees what it would have to predict */
    public NextToken {
        model.requireCausal("next-token objective");
    }

    @Override
    public Loss loss(Batch batch) {
        return model.loss(BatchTensors.of(batch));
    }
}
