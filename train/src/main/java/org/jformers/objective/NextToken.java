package org.jformers.objective;

import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.SegmentModel;
import org.jformers.model.SingleStackModel;
import org.jformers.model.head.TokenLoss;

/**
 * Causal language modelling: each position predicts the token behind it. The batch's labels are already those of the
 * next position, so that blocks cut from a stream lose no token.
 */
public record NextToken() implements Objective {
    @Override
    public TokenLoss loss(Model model, Batch batch) {
        if (model instanceof SegmentModel segments) {
            return segments.loss(
                    ModelInputs.of(BatchTensors.of(batch, "input_ids")), BatchTensors.of(batch, "labels"));
        }
        SingleStackModel decoder = (SingleStackModel) model;
        Tensor hidden_BTC = decoder.hidden(ModelInputs.of(BatchTensors.of(batch, "input_ids")));
        return decoder.loss(hidden_BTC, BatchTensors.of(batch, "labels"));
    }
}
