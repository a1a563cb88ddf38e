package org.jformers.objective;

import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.model.Model;

/**
 * Labels of sequences or of tokens, numbers among them: what the model's own head makes of its labels.
 */
public record Classification(Model model) implements Objective {
    @Override
    public Loss loss(Batch batch) {
        return model.loss(BatchTensors.of(batch));
    }
}
