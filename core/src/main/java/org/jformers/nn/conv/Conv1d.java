package org.jformers.nn.conv;

import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * A convolution over time: each frame of the output is a linear map of the frames under its window.
 *
 * <p>Dimensions: B batch, I channels in, O channels out, T frames in, U frames out, K frames under the window.
 */
public final class Conv1d extends Module {
    /**
     * The engine's kernel for the gradient of the input (oneDNN 3.7, AVX-512) leaves parts of it uncomputed, from the
     * second row of a batch on, where the channels out do not fill its registers.
     */
    private static final long WHOLE_CHANNELS = 16;

    private final Spec spec;
    private final Tensor weight_OIK;
    private final Optional<Tensor> bias_O;

    /**
     * @param in I
     * @param out O
     * @param kernel K
     * @param stride frames from one window to the next
     * @param padding frames of zeros on either side
     * @param groups parts of the channels that do not mix, a divisor of I and O
     * @param bias whether a constant is added
     */
    public record Spec(int in, int out, int kernel, int stride, int padding, int groups, boolean bias) {
        public Spec {
            if (in < 1 || out < 1 || kernel < 1 || stride < 1 || padding < 0) {
                throw new IllegalArgumentException("convolution: got " + in + " to " + out + " channels, kernel "
                        + kernel + ", stride " + stride + ", padding " + padding
                        + ", allowed >= 1 each and padding >= 0");
            }
            if (groups < 1 || in % groups != 0 || out % groups != 0) {
                throw new IllegalArgumentException("convolution: got " + groups + " groups, allowed divisors of " + in
                        + " and " + out + " channels");
            }
        }

        /** Every window, no padding, one group, with a bias. */
        public static Spec of(int in, int out, int kernel) {
            return new Spec(in, out, kernel, 1, 0, 1, true);
        }

        /** Every window, padded so that there are as many frames out as in. */
        public static Spec same(int in, int out, int kernel) {
            if (kernel % 2 == 0) {
                throw new IllegalArgumentException(
                        "convolution: got kernel " + kernel
                                + ", allowed odd numbers where it keeps the number of frames");
            }
            return of(in, out, kernel).withPadding(kernel / 2);
        }

        public Spec withStride(int frames) {
            return new Spec(in, out, kernel, frames, padding, groups, bias);
        }

        public Spec withPadding(int frames) {
            return new Spec(in, out, kernel, stride, frames, groups, bias);
        }

        public Spec withGroups(int count) {
            return new Spec(in, out, kernel, stride, padding, count, bias);
        }

        public Spec withBias(boolean there) {
            return new Spec(in, out, kernel, stride, padding, groups, there);
        }

        public Conv1d build() {
            return new Conv1d(this);
        }
    }

    private Conv1d(Spec spec) {
        this.spec = spec;
        weight_OIK = parameter("weight", Role.WEIGHT, spec.out(), spec.in() / spec.groups(), spec.kernel());
        bias_O = spec.bias() ? Optional.of(parameter("bias", Role.BIAS, spec.out())) : Optional.empty();
    }

    /** [B, I, T] to [B, O, U]. Throws {@link ShapeException} if there are too few frames for one window. */
    public Tensor forward(Tensor x_BIT) {
        return apply(x_BIT, weight_OIK, bias_O, spec);
    }

    /** What comes from outside the model, on the device and in the type of the weights. */
    public Tensor typed(Tensor x) {
        return Tensors.alike(x, weight_OIK);
    }

    /** The convolution with parameters that another module owns. */
    static Tensor apply(Tensor x_BIT, Tensor weight_OIK, Optional<Tensor> bias_O, Spec spec) {
        if (x_BIT.size(2) + 2L * spec.padding() < spec.kernel()) {
            throw new ShapeException("convolution: got " + x_BIT.size(2) + " frames, allowed at least "
                    + (spec.kernel() - 2 * spec.padding()));
        }
        long missing = spec.groups() == 1 && GradMode.is_enabled() && x_BIT.requires_grad()
                ? Math.floorMod(-weight_OIK.size(0), WHOLE_CHANNELS)
                : 0;
        return Scopes.scoped(() -> {
            Tensor whole_OIK = filled(weight_OIK, missing);
            Tensor y_BOU = Convolution.ofFrames(x_BIT, whole_OIK, bias_O.map(bias -> filled(bias, missing)),
                    spec.stride(), spec.padding(), spec.groups());
            return missing == 0 ? y_BOU : y_BOU.narrow(1, 0, weight_OIK.size(0));
        });
    }

    /** With so many channels out more that give zeros. */
    private static Tensor filled(Tensor parameter, long missing) {
        if (missing == 0) {
            return parameter;
        }
        long[] shape = parameter.shape();
        shape[0] = missing;
        return Tensors.cat(0, parameter, Tensors.empty(Device.of(parameter), Tensors.type(parameter), shape).zero_());
    }

    public Spec spec() {
        return spec;
    }
}
