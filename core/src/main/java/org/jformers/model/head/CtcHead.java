package org.jformers.model.head;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.conv.FrameCount;
import org.jformers.tensor.Precision;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * A score for each token at each frame, trained on texts whose place in time nobody knows. Source: Graves et al. 2006,
 * connectionist temporal classification.
 *
 * <p>Dimensions: B batch, S samples, T frames, C width, V vocabulary, L labels.
 */
public final class CtcHead extends Head {
    private final Spec spec;
    private final Linear scores;
    private final Dropout dropout;

    /** How the losses of the rows become one. */
    public enum Reduction {
        /** Each divided by its number of labels, then the mean. */
        MEAN,
        SUM
    }

    /**
     * @param width C
     * @param vocabulary V
     * @param blankId the token that stands for none
     * @param frames how many frames the samples of a row become
     * @param reduction how the losses of the rows become one
     * @param zeroInfinity whether a row with more labels than frames counts 0 and not infinity
     * @param dropout rate before the map, in [0, 1)
     */
    public record Spec(
            int width,
            int vocabulary,
            int blankId,
            FrameCount frames,
            Reduction reduction,
            boolean zeroInfinity,
            double dropout)
            implements Head.Spec {
        public Spec {
            if (blankId < 0 || blankId >= vocabulary) {
                throw new IllegalArgumentException(
                        "ctc: got blank token " + blankId + ", allowed 0 to " + (vocabulary - 1));
            }
        }

        @Override
        public CtcHead build(Optional<Embedding> tokens) {
            return new CtcHead(this);
        }
    }

    private CtcHead(Spec spec) {
        this.spec = spec;
        scores = child("scores", new Linear.Spec(spec.width(), spec.vocabulary()).build());
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BTV = scores.forward(dropout.forward(hidden_BTC, training()));
        output.put("logits", logits_BTV);
        inputs.find("labels").ifPresent(labels -> output.put("loss", loss(logits_BTV, labels, frames(inputs))));
    }

    /** Number of frames of each row that are no padding, int64 [B]. */
    private Tensor frames(ModelInputs inputs) {
        Tensor sample_BS = inputs.require("input_values");
        Tensor count_B = inputs.find("attention_mask")
                .map(mask_BS -> mask_BS.to(ScalarType.Long).sum(1))
                .orElseGet(() -> torch.full_like(sample_BS.select(1, 0), new Scalar(sample_BS.size(1)))
                        .to(ScalarType.Long));
        return spec.frames().frames(count_B);
    }

    private Tensor loss(Tensor logits_BTV, Tensor label_BL, Tensor frames_B) {
        Shapes.require("labels", label_BL, logits_BTV.size(0), -1);
        Tensor real_BL = label_BL.ge(new Scalar(0L));
        Tensor flat = label_BL.masked_select(real_BL);
        Shapes.requireIds("labels", flat, spec.vocabulary());
        long[] frames = Tensors.toLongs(frames_B);
        if (Arrays.stream(frames).anyMatch(count -> count < 1)) {
            throw new ShapeException("attention_mask: got rows of " + Arrays.toString(frames)
                    + " frames, allowed at least one each");
        }
        long[] counts = Tensors.toLongs(real_BL.sum(1));
        return Precision.withoutAutocast(() -> torch.ctc_loss(
                logits_BTV.to(ScalarType.Float).log_softmax(-1).transpose(0, 1), Tensors.beside(flat, logits_BTV),
                frames, counts, spec.blankId(),
                spec.reduction() == Reduction.MEAN ? 1 : 2, spec.zeroInfinity()));
    }
}
