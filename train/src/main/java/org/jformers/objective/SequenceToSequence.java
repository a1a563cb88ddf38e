package org.jformers.objective;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Seq2SeqModel;
import org.jformers.model.head.TokenLoss;

/**
 * Translating one sequence into another with teacher forcing; smoothed targets while training, plain ones when the
 * model evaluates, so that validation losses compare.
 */
public record SequenceToSequence() implements Objective {
    @Override
    public TokenLoss loss(Model model, Batch batch) {
        Seq2SeqModel translator = (Seq2SeqModel) model;
        Tensor hidden_BTC = translator.hidden(ModelInputs.of(Map.of(
                "input_ids", BatchTensors.of(batch, "input_ids"),
                "attention_mask", BatchTensors.of(batch, "attention_mask"),
                "decoder_input_ids", BatchTensors.of(batch, "decoder_input_ids"))));
        return translator.loss(hidden_BTC, BatchTensors.of(batch, "labels"));
    }
}
