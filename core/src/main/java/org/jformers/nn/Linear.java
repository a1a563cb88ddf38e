package org.jformers.nn;

import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Tensors;

/** Affine map y = x W^T + b over the last dimension. */
public final class Linear extends Module {
    private final int in;
    private final Tensor weight;
    private final Tensor bias;

    /**
     * @param in width of the input
     * @param out width of the output
     * @param bias whether b is there
     * @param role role of W: decides its first value
     */
    public record Spec(int in, int out, boolean bias, Role role) {
        public Spec {
            if (in < 1 || out < 1) {
                throw new IllegalArgumentException("linear: got " + in + " to " + out + " values, allowed >= 1 each");
            }
        }

        /** A plain map with bias. */
        public Spec(int in, int out) {
            this(in, out, true, Role.WEIGHT);
        }

        public Linear build() {
            return new Linear(this);
        }
    }

    private Linear(Spec spec) {
        in = spec.in();
        weight = parameter("weight", spec.role(), spec.out(), spec.in());
        bias = spec.bias() ? parameter("bias", Role.BIAS, spec.out()) : null;
    }

    /** [..., in] to [..., out]. */
    public Tensor forward(Tensor x) {
        if (x.numel() == in && !GradMode.is_enabled() && Tensors.type(x) == ScalarType.Float) {
            return oneRow(x);
        }
        return bias == null ? torch.linear(x, weight) : torch.linear(x, weight, bias);
    }

    /** A matrix-vector product, as in decoding token by token: two to five times as fast as the matrix product. */
    private Tensor oneRow(Tensor x) {
        Tensor y = weight.mv(x.flatten());
        if (bias != null) {
            y.add_(bias);
        }
        long[] shape = x.shape();
        shape[shape.length - 1] = y.size(0);
        return y.view(shape);
    }
}
