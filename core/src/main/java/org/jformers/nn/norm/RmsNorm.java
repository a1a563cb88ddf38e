package org.jformers.nn.norm;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * x / sqrt(mean(x^2) + epsilon) * scale over the last dimension, without mean and bias. Source: arXiv:1910.07467.
 * Computes in float32 and returns the input's type.
 */
public final class RmsNorm extends Norm {
    private final Tensor weight_C;
    private final Scalar epsilon;

    /**
     * @param width C
     * @param epsilon added to the mean square
     */
    public record Spec(int width, double epsilon) implements Norm.Spec {
        @Override
        public RmsNorm build() {
            return new RmsNorm(this);
        }
    }

    private RmsNorm(Spec spec) {
        weight_C = parameter("weight", Role.SCALE, spec.width());
        epsilon = Tensors.constant(spec.epsilon());
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scopes.scoped(() -> {
            Tensor wide = x.to(ScalarType.Float);
            Tensor meanSquare = wide.square().mean(new long[] {-1}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
            return wide.mul(meanSquare.add(epsilon).rsqrt()).to(Tensors.type(x)).mul(weight_C);
        });
    }
}
