package org.jformers.nn.norm;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** (x - mean) / sqrt(variance + epsilon) * scale + bias over the last dimension. Source: arXiv:1607.06450. */
public final class LayerNorm extends Norm {
    private final Spec spec;
    private final long[] normalized;
    private final Optional<Tensor> weight_C;
    private final Optional<Tensor> bias_C;

    /** What is trained. */
    public enum Parameters {
        SCALE_AND_BIAS,
        SCALE,
        NONE
    }

    /**
     * @param width C
     * @param epsilon added to the variance
     * @param parameters what is trained
     */
    public record Spec(int width, double epsilon, Parameters parameters) implements Norm.Spec {
        /** With scale and bias. */
        public Spec(int width, double epsilon) {
            this(width, epsilon, Parameters.SCALE_AND_BIAS);
        }

        /** With a scale, and a bias or none. */
        public Spec(int width, double epsilon, boolean bias) {
            this(width, epsilon, bias ? Parameters.SCALE_AND_BIAS : Parameters.SCALE);
        }

        @Override
        public LayerNorm build() {
            return new LayerNorm(this);
        }
    }

    private LayerNorm(Spec spec) {
        this.spec = spec;
        normalized = new long[] {spec.width()};
        weight_C = spec.parameters() == Parameters.NONE
                ? Optional.empty()
                : Optional.of(parameter("weight", Role.SCALE, spec.width()));
        bias_C = spec.parameters() == Parameters.SCALE_AND_BIAS
                ? Optional.of(parameter("bias", Role.BIAS, spec.width()))
                : Optional.empty();
    }

    @Override
    public Tensor forward(Tensor x) {
        return Scopes.scoped(() -> Tensors.shaped(x, x.shape(), () -> torch.layer_norm(
                x, normalized, optional(weight_C), optional(bias_C), spec.epsilon(), true)));
    }

    private static TensorOptional optional(Optional<Tensor> parameter) {
        return parameter.map(TensorOptional::new).orElseGet(TensorOptional::new);
    }
}
