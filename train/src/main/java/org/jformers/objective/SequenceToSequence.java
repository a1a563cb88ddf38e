package org.jformers.objective;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.head.Losses;
import org.jformers.model.kind.Seq2SeqModel;

/**
 * Translating one sequence into another with teacher forcing; smoothed targets while training, plain ones when the
 * model evaluates, so that validation losses compare.
 *
 * @param smoothing share of each target's probability that is spread over all tokens (arXiv:1512.00567, 7), in [0, 1);
 *     0 for what the model's own loss does
 */
public record SequenceToSequence(Model model, double smoothing) implements Objective {
    /** @throws JformersException if the model is no encoder-decoder */
    public SequenceToSequence {
        if (!(model instanceof Seq2SeqModel)) {
            throw new JformersException("sequence-to-sequence objective: got " + model.identity().architecture()
                    + ", allowed encoder-decoders");
        }
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new JformersException("label smoothing: got " + smoothing + ", allowed in [0, 1)");
        }
    }

    /** The model's own loss. */
    public SequenceToSequence(Model model) {
        this(model, 0);
    }

    @Override
    public Loss loss(Batch batch) {
        if (smoothing == 0 || !model.network().training()) {
            return model.loss(BatchTensors.of(batch));
        }
        Map<String, Batch.Field> inputs = new LinkedHashMap<>(batch.fields());
        Tensor labels_BT = BatchTensors.of(inputs.remove("labels"));
        Tensor logits_BTV = model.forward(BatchTensors.of(inputs)).get("logits");
        Tensor sum = Losses.crossEntropySum(logits_BTV, labels_BT, smoothing);
        return new Loss(List.of(new Loss.Term(Loss.MAIN, sum, 1)), Optional.empty());
    }
}
