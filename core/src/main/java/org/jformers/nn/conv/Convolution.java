package org.jformers.nn.conv;

import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Tensors;

/**
 * Convolutions of values in any floating-point type, computed in float32 where that is a shorter one: oneDNN 3.7 gives
 * wrong sums in bfloat16 on some processors (off by more than 1 on AMD's fifth Zen). They stand at the entrance of
 * models, where little of the time is spent.
 *
 * <p>Dimensions: B batch, I channels in, O channels out, K window, T frames in, U frames out, H x W an image.
 */
public final class Convolution {
    private Convolution() {}

    /** [B, I, T] to [B, O, U]. */
    public static Tensor ofFrames(
            Tensor x_BIT, Tensor weight_OIK, Optional<Tensor> bias_O, long stride, long padding, long groups) {
        long frames = (x_BIT.size(2) + 2 * padding - weight_OIK.size(2)) / stride + 1;
        return Tensors.shaped(x_BIT, new long[] {x_BIT.size(0), weight_OIK.size(0), frames}, () ->
                inFloat32(x_BIT, () -> torch.conv1d(single(x_BIT), single(weight_OIK), optional(bias_O),
                        new long[] {stride}, new long[] {padding}, new long[] {1}, groups)));
    }

    /** [B, I, H, W] to [B, O, H', W'], without padding. */
    public static Tensor ofImages(Tensor x_BIHW, Tensor weight_OIKK, Optional<Tensor> bias_O, long... stride) {
        long[] shape = {
            x_BIHW.size(0), weight_OIKK.size(0),
            (x_BIHW.size(2) - weight_OIKK.size(2)) / stride[0] + 1,
            (x_BIHW.size(3) - weight_OIKK.size(3)) / stride[1] + 1
        };
        return Tensors.shaped(x_BIHW, shape, () ->
                inFloat32(x_BIHW, () -> torch.conv2d(single(x_BIHW), single(weight_OIKK), optional(bias_O),
                        stride, new long[] {0, 0}, new long[] {1, 1}, 1)));
    }

    private static Tensor inFloat32(Tensor x, Supplier<Tensor> convolution) {
        return Precision.withoutAutocast(convolution).to(Tensors.type(x));
    }

    private static TensorOptional optional(Optional<Tensor> bias) {
        return bias.map(constant -> new TensorOptional(single(constant))).orElseGet(TensorOptional::new);
    }

    private static Tensor single(Tensor x) {
        return Tensors.type(x) == ScalarType.Double ? x : x.to(ScalarType.Float);
    }
}
