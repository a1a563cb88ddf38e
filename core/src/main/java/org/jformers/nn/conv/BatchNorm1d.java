package org.jformers.nn.conv;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Brings each channel to mean 0 and variance 1 over a batch, in use by the running statistics of training. Source:
 * arXiv:1502.03167. The running statistics are stored but not trained; a training pass changes them.
 *
 * <p>Dimensions: B batch, C channels, T frames.
 */
public final class BatchNorm1d extends Module {
    private static final double EPSILON = 1e-5;
    private static final double MOMENTUM = 0.1;
    private static final Scalar ONE = Tensors.constant(1L);

    private final Tensor weight_C;
    private final Tensor bias_C;
    private final Tensor mean_C;
    private final Tensor variance_C;
    private final Tensor batches;

    /** @param channels C */
    public record Spec(int channels) {
        public BatchNorm1d build() {
            return new BatchNorm1d(channels);
        }
    }

    private BatchNorm1d(int channels) {
        weight_C = parameter("weight", Role.SCALE, channels);
        bias_C = parameter("bias", Role.BIAS, channels);
        mean_C = statistic("runningMean", 0, channels);
        variance_C = statistic("runningVariance", 1, channels);
        batches = counter("batches");
    }

    /** [B, C, T] to the same. */
    public Tensor forward(Tensor x_BCT) {
        if (training()) {
            try (NoGrad noGrad = new NoGrad()) {
                Scopes.run(() -> batches.add_(ONE));
            }
        }
        return Scopes.scoped(() -> Tensors.shaped(x_BCT, x_BCT.shape(), () -> torch.batch_norm(
                x_BCT, new TensorOptional(weight_C), new TensorOptional(bias_C), new TensorOptional(mean_C),
                new TensorOptional(variance_C), training(), MOMENTUM, EPSILON, true)));
    }
}
