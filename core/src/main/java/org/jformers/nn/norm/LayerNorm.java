package org.jformers.nn.norm;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Scopes;

/** (x - mean) / sqrt(variance + epsilon) * scale + bias over the last dimension. Source: arXiv:1607.06450. */
public final class LayerNorm extends Norm {
    private final Spec spec;
    private final long[] normalized;
    private final Tensor weight_C;
    private final Tensor bias_C;

    /**
     * @param width C
     * @param epsilon added to the variance
     * @param bias whether a constant is added behind the scale
     */
    public record Spec(int width, double epsilon, boolean bias) implements Norm.Spec {
        /** With a bias. */
        public Spec(int width, double epsilon) {
            this(width, epsilon, true);
        }

        @Override
        public LayerNorm build() {
            return new LayerNorm(this);
        }
    }

    private LayerNorm(Spec spec) {
        this.spec = spec;
        normalized = new long[] {spec.width()};
        weight_C = parameter("weight", Role.SCALE, spec.width());
        bias_C = spec.bias() ? parameter("bias", Role.BIAS, spec.width()) : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scopes.scoped(() -> torch.layer_norm(
                x, normalized, new TensorOptional(weight_C),
                bias_C == null ? new TensorOptional() : new TensorOptional(bias_C), spec.epsilon(), true));
    }
}
