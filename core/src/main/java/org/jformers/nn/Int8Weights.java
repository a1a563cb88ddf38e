package org.jformers.nn;

import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Operator;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * A linear map of whole numbers of 8 bits: each output's weights in steps of a 127th of the largest of them, and each
 * vector that enters in steps of a 127th of its largest value. A vector is rounded by itself, so that its product is
 * the same whatever is computed beside it. Source: arXiv:2206.01861, 3.1 (weights by row, activations by token).
 *
 * <pre>
 *   y[t, o] = s[o] r[t] sum_i round(x[t, i] / r[t]) q[o, i] + b[o],   r[t] = max_i |x[t, i]| / 127
 * </pre>
 */
final class Int8Weights extends Module implements Linear.Quantized {
    /** Largest step of a weight. */
    private static final double STEPS = 127;
    /**
     * Largest step of what enters. Processors without instructions for it add pairs of products in 16 bits, where those
     * of 8 bits with 8 bits do not fit.
     */
    private static final double STEPS_IN = Precision.nativeInt8() ? 127 : 63;
    /** The number that stands for 0: what enters is counted from 0. */
    private static final long ZERO_IN = Precision.nativeInt8() ? 128 : 64;

    private static final Operator ARRANGE = Operator.named("quantized::linear_prepack");
    private static final Operator TAKE_APART = Operator.named("quantized::linear_unpack");
    private static final Operator PRODUCT =
            Operator.named("quantized::linear_with_input_q_dq_qweight_dq_output_fp32");
    private static final Scalar MAXIMUM = Tensors.constant(Double.POSITIVE_INFINITY);
    private static final double TINY = 1e-30;
    private static final Scalar SMALLEST = Tensors.constant(TINY);
    private static final ScalarTypeOptional SAME_TYPE = Scopes.keep(new ScalarTypeOptional());
    private static final long[] LAST = {-1};
    private static final long[] ALL = {};

    private final IValue packed;
    private final long bytes;

    /** @param weight [out, in], finite numbers of any type */
    Int8Weights(Tensor weight) {
        bytes = weight.numel() + Float.BYTES * weight.size(0);
        packed = kept(Scopes.scoped(() -> ARRANGE.make(quantized(weight), null)));
    }

    private static Tensor quantized(Tensor weight) {
        Tensor weight_OI = weight.detach().to(ScalarType.Float).contiguous();
        Tensor scale_O = weight_OI.abs().amax(LAST, false).div(Tensors.constant(STEPS));
        // Rows of zeros have any scale.
        Tensor scale = scale_O.masked_fill(scale_O.eq(Tensors.constant(0)), Tensors.constant(1));
        Tensor zero = scale.to(ScalarType.Long).zero_();
        return torch.quantize_per_channel(weight_OI, scale.to(ScalarType.Double), zero, 0, ScalarType.QInt8);
    }

    /** The numbers, -127 to 127, and scales [O, 1] of a matrix. */
    static WholeNumbers numbers(Tensor weight) {
        Tensor quantized = quantized(weight);
        return new WholeNumbers(torch.int_repr(quantized),
                torch.q_per_channel_scales(quantized).to(ScalarType.Float).unsqueeze(1), Optional.empty());
    }

    @Override
    public Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return Scopes.scoped(() -> {
            ScalarType type = Tensors.type(x);
            Tensor exact = type == ScalarType.Float ? x : x.to(ScalarType.Float);
            Tensor y = x.numel() == weight.size(1) ? oneRow(exact) : rows(exact, weight);
            bias.ifPresent(y::add_);
            return type == ScalarType.Float ? y : y.to(type);
        });
    }

    /** The scale as a number: two operators instead of five. */
    private Tensor oneRow(Tensor x) {
        double largest = Math.max(TINY,
                torch.linalg_vector_norm(x, MAXIMUM, ALL, true, SAME_TYPE).item_float());
        return PRODUCT.apply(x, largest / STEPS_IN, ZERO_IN, packed);
    }

    private Tensor rows(Tensor x, Tensor weight) {
        Tensor rows_RI = x.reshape(-1, weight.size(1));
        // Not the norm, which is a third of the time of an encoder: the engine takes it number by number.
        Tensor largest_R1 = rows_RI.amax(LAST, true).maximum(rows_RI.amin(LAST, true).neg_()).clamp_min_(SMALLEST);
        Tensor y_RO = PRODUCT.apply(rows_RI.div(largest_R1), 1 / STEPS_IN, ZERO_IN, packed).mul_(largest_R1);
        long[] shape = x.shape();
        shape[shape.length - 1] = weight.size(0);
        return y_RO.view(shape);
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public Tensor dequantized() {
        return Scopes.scoped(() -> TAKE_APART.apply(packed).dequantize());
    }
}
