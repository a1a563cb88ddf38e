package org.jformers.objective;

import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.kind.Seq2SeqModel;

/** Translating one sequence into another with teacher forcing, by the model's own loss. */
public record SequenceToSequence(Model model) implements Objective {
    /** @throws JformersException if the model is no encoder-decoder */
    public SequenceToSequence {
        if (!(model instanceof Seq2SeqModel)) {
            throw new JformersException("sequence-to-sequence objective: got " + model.identity().architecture()
                    + ", allowed encoder-decoders");
        }
    }

    @Override
    public Loss loss(Batch batch) {
        return model.loss(BatchTensors.of(batch));
    }
}
