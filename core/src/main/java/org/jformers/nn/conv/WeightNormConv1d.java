package org.jformers.nn.conv;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Scopes;

/**
 * A convolution whose weight is a direction times a length, one length for each place under the window. Source:
 * arXiv:1602.07868.
 *
 * <p>Dimensions: B batch, I channels in, O channels out, T frames in, U frames out, K frames under the window.
 */
public final class WeightNormConv1d extends Module {
    private final Conv1d.Spec spec;
    private final Tensor length_11K;
    private final Tensor direction_OIK;
    private final Optional<Tensor> bias_O;

    /** @param convolution its sizes */
    public record Spec(Conv1d.Spec convolution) {
        public WeightNormConv1d build() {
            return new WeightNormConv1d(convolution);
        }
    }

    private WeightNormConv1d(Conv1d.Spec spec) {
        this.spec = spec;
        length_11K = parameter("length", Role.SCALE, 1, 1, spec.kernel());
        direction_OIK = parameter("direction", Role.WEIGHT, spec.out(), spec.in() / spec.groups(), spec.kernel());
        bias_O = spec.bias() ? Optional.of(parameter("bias", Role.BIAS, spec.out())) : Optional.empty();
    }

    /** [B, I, T] to [B, O, U]. */
    public Tensor forward(Tensor x_BIT) {
        return Scopes.scoped(() -> {
            Tensor norm_11K = direction_OIK.square().sum(new long[] {0, 1}, true, new ScalarTypeOptional())
                    .pow(new Scalar(0.5));
            return Conv1d.apply(x_BIT, direction_OIK.mul(length_11K.div(norm_11K)), bias_O, spec);
        });
    }
}
