package org.jformers.nn.norm;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
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
    private static final Scalar ONE = Tensors.constant(1);

    private final Tensor weight_C;
    private final Scalar epsilon;
    private final Scale scale;

    /** How the stored weight w becomes the scale. */
    public enum Scale {
        /** It is w. */
        WEIGHT,
        /** It is 1 + w, multiplied in float32, as in Gemma. */
        ONE_PLUS_WEIGHT
    }

    /**
     * @param width C
     * @param epsilon added to the mean square
     * @param scale how the stored weight becomes the scale
     */
    public record Spec(int width, double epsilon, Scale scale) implements Norm.Spec {
        /** Scaled by the stored weight. */
        public Spec(int width, double epsilon) {
            this(width, epsilon, Scale.WEIGHT);
        }

        @Override
        public RmsNorm build() {
            return new RmsNorm(this);
        }
    }

    private RmsNorm(Spec spec) {
        scale = spec.scale();
        weight_C = parameter("weight", scale == Scale.WEIGHT ? Role.SCALE : Role.SCALE_OFFSET, spec.width());
        epsilon = Tensors.constant(spec.epsilon());
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scopes.scoped(() -> {
            Tensor wide = x.to(ScalarType.Float);
            Tensor meanSquare = wide.square().mean(new long[] {-1}, true, new ScalarTypeOptional());
            Tensor level = wide.mul(meanSquare.add(epsilon).rsqrt());
            return scale == Scale.WEIGHT
                    ? level.to(Tensors.type(x)).mul(weight_C)
                    : level.mul(weight_C.to(ScalarType.Float).add(ONE)).to(Tensors.type(x));
        });
    }
}
