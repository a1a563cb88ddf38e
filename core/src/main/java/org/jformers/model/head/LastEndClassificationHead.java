package org.jformers.model.head;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ProblemType;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * One label, several labels or one number for a sequence that an encoder-decoder reads on both sides: a dense layer,
 * tanh and a classifier on the decoder's vector at the source's last end token (BART, T5). All rows have equally many
 * of them.
 */
public final class LastEndClassificationHead extends Head {
    private final Spec spec;
    private final Linear dense;
    private final Linear classifier;
    private final Dropout dropout;

    /**
     * @param width C
     * @param classes number of labels; 1 means a number
     * @param endId the token that ends a text
     * @param dropout rate before both maps, in [0, 1)
     * @param problemType what the labels mean; follows from the labels if empty
     */
    public record Spec(int width, int classes, int endId, double dropout, Optional<ProblemType> problemType)
            implements Head.Spec {
        @Override
        public LastEndClassificationHead build(Optional<Embedding> tokens) {
            return new LastEndClassificationHead(this);
        }
    }

    private LastEndClassificationHead(Spec spec) {
        this.spec = spec;
        dense = child("dense", new Linear.Spec(spec.width(), spec.width()).build());
        classifier = child("classifier", new Linear.Spec(spec.width(), spec.classes()).build());
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor summary_BC = dropout.forward(Rows.at(hidden_BTC, lastEnds(hidden_BTC, inputs)), training());
        Tensor inner_BC = dropout.forward(torch.tanh(dense.forward(summary_BC)), training());
        Tensor logits_BL = classifier.forward(inner_BC);
        output.put("logits", logits_BL);
        inputs.find("labels").ifPresent(labels ->
                output.put("loss", Losses.sequence(logits_BL, labels, spec.problemType(), spec.classes())));
    }

    /** Position of the last end token of each row, int64 [B]. */
    private Tensor lastEnds(Tensor hidden_BTC, ModelInputs inputs) {
        Tensor ids_BT = inputs.find("input_ids").orElseThrow(() -> new ShapeException(
                "sequence classification: got no input_ids, in which the end token must stand"));
        if (ids_BT.size(1) != hidden_BTC.size(1)) {
            throw new ShapeException("sequence classification: got " + hidden_BTC.size(1)
                    + " tokens of the decoder, allowed as many as the source has, " + ids_BT.size(1));
        }
        Tensor end_BT = ids_BT.eq(new Scalar((long) spec.endId())).to(ScalarType.Long);
        long[] counts = Tensors.toLongs(end_BT.sum(1));
        if (counts[0] == 0 || Arrays.stream(counts).anyMatch(count -> count != counts[0])) {
            throw new ShapeException("sequence classification: got " + Arrays.toString(counts) + " end tokens (id "
                    + spec.endId() + ") in the rows, allowed equally many in all, at least one");
        }
        return end_BT.mul(Tensors.range(0, ids_BT.size(1), ids_BT)).amax(new long[] {1}, false);
    }
}
