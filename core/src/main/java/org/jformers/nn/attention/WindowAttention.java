package org.jformers.nn.attention;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.mask.Allowed;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * Multi-head attention within square windows of an image, which may be shifted so that neighbours meet; a trained bias
 * per head for each distance of two patches. Source: arXiv:2103.14030, 3.2.
 *
 * <p>Dimensions: B batch, H rows and W columns of patches, C width, I windows of the batch, T patches of a window, N
 * heads, D head width.
 */
public final class WindowAttention extends Module {
    /** Added to scores of patches that are no neighbours in the image; as trained models know it, not lower. */
    private static final double APART = -100;

    private final Spec spec;
    private final Projection qkv;
    private final Linear out;
    private final Tensor bias_RN;
    private final Tensor index;
    private final AttentionKernel kernel;

    /**
     * @param width C
     * @param heads N, a divisor of C
     * @param window rows and columns of patches of a window
     * @param shift how many rows and columns the windows are shifted; in [0, window)
     * @param inputBias which of the maps to q, k and v add a constant
     * @param dropout rate on the attention weights, in [0, 1)
     */
    public record Spec(int width, int heads, int window, int shift, InputBias inputBias, double dropout) {
        public Spec {
            if (heads < 1 || width % heads != 0) {
                throw new IllegalArgumentException(
                        "window attention: got width " + width + ", allowed multiples of " + heads + " heads");
            }
            if (window < 1 || shift < 0 || shift >= window) {
                throw new IllegalArgumentException("window attention: got windows of " + window + " shifted by " + shift
                        + ", allowed windows of at least 1 and smaller shifts");
            }
        }

        public WindowAttention build() {
            return new WindowAttention(this);
        }
    }

    private WindowAttention(Spec spec) {
        this.spec = spec;
        qkv = child("qkv", Projection.ofQueryKeyValue(spec.width(), spec.width(), spec.width(), spec.inputBias()));
        out = child("out", Projection.output(spec.width(), spec.width(), true));
        int distances = 2 * spec.window() - 1;
        bias_RN = parameter("distanceBias", Role.EMBEDDING, (long) distances * distances, spec.heads());
        index = constant(index(spec.window()));
        kernel = new AttentionKernel(AttentionWeights.of(spec.width() / spec.heads()).withDropout(spec.dropout()));
    }

    /** Row of the bias table of each two patches of a window, int64 [T * T]. */
    private static Tensor index(int window) {
        int count = window * window;
        long[] rows = new long[count * count];
        for (int query = 0; query < count; query++) {
            for (int key = 0; key < count; key++) {
                int down = query / window - key / window + window - 1;
                int right = query % window - key % window + window - 1;
                rows[query * count + key] = (long) down * (2 * window - 1) + right;
            }
        }
        return Tensors.ofLongs(rows, rows.length);
    }

    /**
     * [B, H, W, C] to [B, H, W, C]; weights are [I, N, T, T].
     *
     * @throws ShapeException if the image is smaller than a window
     */
    public AttentionOutput forward(Tensor x_BHWC, boolean wantWeights) {
        long height = x_BHWC.size(1);
        long width = x_BHWC.size(2);
        int window = spec.window();
        if (Math.min(height, width) < window) {
            throw new ShapeException("pixel_values: got " + height + " x " + width
                    + " patches in a layer, allowed at least a window of " + window + " x " + window);
        }
        // One row of windows sees all there is: nothing to shift.
        long shift = Math.min(height, width) == window ? 0 : spec.shift();
        long below = (window - height % window) % window;
        long right = (window - width % window) % window;
        Tensor padded_BHWC = below + right == 0 ? x_BHWC : torch.constant_pad_nd(x_BHWC, 0, 0, 0, right, 0, below);
        Tensor window_ITC = windows(shift == 0 ? padded_BHWC : rolled(padded_BHWC, -shift));
        TensorVector parts = Heads.split(qkv.forward(window_ITC), spec.heads(), spec.heads());
        Allowed allowed = Allowed.EVERYTHING.plus(bias(x_BHWC.size(0), height + below, width + right, shift));
        AttentionOutput attended =
                kernel.attend(parts.get(0), parts.get(1), parts.get(2), allowed, training(), wantWeights);
        Tensor made_ITC = out.forward(Heads.join(attended.context()));
        Tensor whole_BHWC = image(made_ITC, x_BHWC.size(0), height + below, width + right);
        Tensor back_BHWC = shift == 0 ? whole_BHWC : rolled(whole_BHWC, shift);
        return new AttentionOutput(back_BHWC.narrow(1, 0, height).narrow(2, 0, width), attended.weights());
    }

    /** [B, H, W, C] to [I, T, C]. */
    private Tensor windows(Tensor x_BHWC) {
        int window = spec.window();
        long width = x_BHWC.size(3);
        return x_BHWC
                .view(x_BHWC.size(0), x_BHWC.size(1) / window, window, x_BHWC.size(2) / window, window, width)
                .transpose(2, 3)
                .reshape(-1, (long) window * window, width);
    }

    /** [I, T, C] to [B, H, W, C]. */
    private Tensor image(Tensor x_ITC, long batch, long height, long width) {
        int window = spec.window();
        return x_ITC.view(batch, height / window, width / window, window, window, spec.width())
                .transpose(2, 3)
                .reshape(batch, height, width, spec.width());
    }

    private static Tensor rolled(Tensor x_BHWC, long by) {
        return Tensors.shaped(x_BHWC, x_BHWC.shape(), () -> x_BHWC.roll(new long[] {by, by}, 1, 2));
    }

    /** The trained bias, and what keeps patches apart that only the shift brought together: [1 or I, N, T, T]. */
    private Tensor bias(long batch, long height, long width, long shift) {
        long count = (long) spec.window() * spec.window();
        Tensor bias_1NTT = Tensors.pick(bias_RN, 0, index).view(count, count, spec.heads()).permute(2, 0, 1)
                .unsqueeze(0);
        if (shift == 0) {
            return bias_1NTT;
        }
        Tensor region_IT1 = windows(regions(height, width, shift));
        Tensor apart_ITT = region_IT1.ne(region_IT1.transpose(1, 2)).to(ScalarType.Float).mul(new Scalar(APART));
        Tensor all_ITT = apart_ITT.unsqueeze(0).expand(batch, apart_ITT.size(0), count, count).flatten(0, 1);
        return bias_1NTT.add(all_ITT.unsqueeze(1));
    }

    /** A number for each patch of the shifted image; neighbours in the image have the same: [1, H, W, 1]. */
    private Tensor regions(long height, long width, long shift) {
        float[] region = new float[Math.toIntExact(height * width)];
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                region[(int) (row * width) + column] = 3 * part(row, height, shift) + part(column, width, shift);
            }
        }
        return Tensors.to(Tensors.ofFloats(region, 1, height, width, 1), device());
    }

    /** 0 before the last window, 1 in it, 2 where the shift has put the other end of the image. */
    private int part(int at, long size, long shift) {
        return (at >= size - spec.window() ? 1 : 0) + (at >= size - shift ? 1 : 0);
    }

    public Spec spec() {
        return spec;
    }
}
