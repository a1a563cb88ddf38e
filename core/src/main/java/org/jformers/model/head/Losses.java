package org.jformers.model.head;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Loss;
import org.jformers.model.ProblemType;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The losses of the heads; all in float32, averaged over what is not ignored. Labels may be on the host, where batches
 * have them, and are taken to the scores.
 */
public final class Losses {
    /** Label that carries no loss. */
    public static final long IGNORED = -100;

    private static final long MEAN = 1;
    private static final long SUM = 2;

    private Losses() {}

    /** Mean cross-entropy of scores [..., V] against labels [...] with -100 ignored. */
    public static Tensor crossEntropy(Tensor logits, Tensor labels) {
        return crossEntropy(logits, labels, IGNORED, 0, MEAN);
    }

    /** Sum of the cross-entropies, for those who divide by a count of their own. */
    public static Tensor crossEntropySum(Tensor logits, Tensor labels, double labelSmoothing) {
        return crossEntropy(logits, labels, IGNORED, labelSmoothing, SUM);
    }

    /** The same sum where a label counts as much as its class weighs. */
    public static Tensor weightedCrossEntropySum(Tensor logits, Tensor labels, Tensor weights_V) {
        return crossEntropy(
                logits, labels, new TensorOptional(Tensors.beside(weights_V, logits)), IGNORED, 0, SUM);
    }

    /** The loss of scores [..., V] against labels [...] with -100 ignored. */
    static Loss ofTokens(Tensor logits, Tensor labels, double labelSmoothing) {
        Tensor sum = crossEntropySum(logits, labels, labelSmoothing);
        return Loss.of(sum, GradMode.is_enabled()
                ? Optional.empty()
                : Optional.of(logits.argmax(new LongOptional(-1), false).eq(Tensors.beside(labels, logits)).sum()));
    }

    /** Mean cross-entropy against smoothed targets (arXiv:1512.00567, 7): a share is spread over all V tokens. */
    public static Tensor smoothedCrossEntropy(Tensor logits, Tensor labels, double labelSmoothing) {
        return crossEntropy(logits, labels, IGNORED, labelSmoothing, MEAN);
    }

    /** Next-token loss: scores [B, T, V] at t against the label at t + 1. */
    public static Tensor nextToken(Tensor logits_BTV, Tensor labels_BT) {
        long last = labels_BT.size(1) - 1;
        return crossEntropy(logits_BTV.narrow(1, 0, last), labels_BT.narrow(1, 1, last));
    }

    /** Mean of the losses of start and end; positions behind the sequence are ignored. */
    static Tensor span(Tensor start_BT, Tensor end_BT, Tensor startPositions, Tensor endPositions) {
        long ignored = start_BT.size(1);
        Tensor start = crossEntropy(start_BT, clamp(startPositions, ignored), ignored, 0, MEAN);
        Tensor end = crossEntropy(end_BT, clamp(endPositions, ignored), ignored, 0, MEAN);
        return start.add(end).div(new Scalar(2));
    }

    /**
     * The sum of the binary cross-entropies of scores [B, T] against labels 0 and 1.
     *
     * @param counted_BT bool, which positions count
     */
    static Tensor binarySum(Tensor logits_BT, Tensor labels_BT, Tensor counted_BT) {
        return Precision.withoutAutocast(() -> {
            Tensor logits = logits_BT.to(ScalarType.Float);
            return Tensors.shaped(logits, new long[0], () -> torch.binary_cross_entropy_with_logits(
                    logits, Tensors.alike(labels_BT, logits), new TensorOptional(Tensors.alike(counted_BT, logits)),
                    new TensorOptional(), SUM));
        });
    }

    /** Mean binary cross-entropy of float32 scores against labels 0 and 1 of the same shape. */
    static Tensor binary(Tensor logits, Tensor labels) {
        return Tensors.shaped(logits, new long[0], () -> torch.binary_cross_entropy_with_logits(logits, labels));
    }

    /** The loss of a sequence's labels; the kind follows from the labels where the config does not say it. */
    static Tensor sequence(Tensor logits_BL, Tensor labels, Optional<ProblemType> declared, int classes) {
        boolean whole = List.of(ScalarType.Long, ScalarType.Int).contains(Tensors.type(labels));
        ProblemType type = declared.orElse(
                classes == 1
                        ? ProblemType.REGRESSION
                        : whole ? ProblemType.SINGLE_LABEL_CLASSIFICATION : ProblemType.MULTI_LABEL_CLASSIFICATION);
        return Precision.withoutAutocast(() -> switch (type) {
            case REGRESSION -> torch.mse_loss(
                    logits_BL.to(ScalarType.Float).squeeze(),
                    Tensors.beside(labels, logits_BL).to(ScalarType.Float).squeeze());
            case SINGLE_LABEL_CLASSIFICATION -> crossEntropy(logits_BL, labels.flatten());
            case MULTI_LABEL_CLASSIFICATION -> binary(
                    logits_BL.to(ScalarType.Float), Tensors.beside(labels, logits_BL).to(ScalarType.Float));
        });
    }

    private static Tensor clamp(Tensor positions, long limit) {
        return positions.flatten().clamp(
                new ScalarOptional(new Scalar(0L)),
                new ScalarOptional(new Scalar(limit)));
    }

    private static Tensor crossEntropy(
            Tensor logits, Tensor labels, long ignored, double labelSmoothing, long reduction) {
        return crossEntropy(logits, labels, new TensorOptional(), ignored, labelSmoothing, reduction);
    }

    private static Tensor crossEntropy(Tensor logits, Tensor labels, TensorOptional weights, long ignored,
            double labelSmoothing, long reduction) {
        Shapes.requireWhole("labels", labels);
        return Precision.withoutAutocast(() -> torch.cross_entropy_loss(
                logits.flatten(0, -2).to(ScalarType.Float),
                Tensors.beside(labels, logits).flatten().to(ScalarType.Long),
                weights,
                reduction,
                ignored,
                labelSmoothing));
    }
}
