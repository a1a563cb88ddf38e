package org.jformers.nn;

import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Operator;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * A linear map of whole numbers of 4 bits, with a scale and a zero point for each output of each group of inputs:
 * {@code w = s (q - z)} with q and z from 0 to 15. What enters is rounded to bfloat16, and so is what comes out.
 *
 * <p>The steps reach from the least to the largest weight of a group, in as many as err least. So weights that lie on
 * such a grid already, as those of GPTQ, AWQ and GGUF's Q4_0 do, keep their steps.
 *
 * <p>Dimensions: G groups, g inputs of a group.
 */
final class Int4Weights extends Module implements Linear.Quantized {
    private static final int MOST = 15;
    /** A grid in fewer steps than this would leave half of the numbers unused. */
    private static final int LEAST = 8;
    /** Outputs come in blocks of so many. */
    private static final long BLOCK = 16;
    /** Elements that are quantized or read back at once: 64 MiB of float32. */
    private static final long PIECE = 1L << 24;

    private static final Operator ARRANGE = Operator.named("aten::_convert_weight_to_int4pack_for_cpu");
    private static final Operator PRODUCT = Operator.named("aten::_weight_int4pack_mm_for_cpu");
    private static final Scalar NOTHING = Tensors.constant(0);
    private static final Scalar EIGHT = Tensors.constant(8);
    private static final Scalar FIFTEEN = Tensors.constant(MOST);
    private static final Scalar TINY = Tensors.constant(1e-30);
    private static final long[] LAST = {-1};

    private final long group;
    private final long out;
    private final Tensor packed;
    /** [G, O, 2]: scales, and what is added for the number 8, of as many outputs as blocks hold. */
    private final Tensor scales;

    /**
     * @param weight [out, in], finite numbers of any type; in divisible by the group
     * @param group 32, 64, 128 or 256
     */
    Int4Weights(Tensor weight, long group) {
        this.group = group;
        out = weight.size(0);
        long in = weight.size(1);
        long whole = (out + BLOCK - 1) / BLOCK * BLOCK;
        Tensor[] made = new Tensor[2];
        Scopes.run(() -> {
            Tensor number_OI = Tensors.empty(ScalarType.Int, whole, in).fill_(EIGHT);
            Tensor scale_GO2 = Tensors.empty(ScalarType.BFloat16, in / group, whole, 2).zero_();
            long rows = Math.max(1, PIECE / in);
            for (long first = 0; first < out; first += rows) {
                long begin = first;
                long count = Math.min(rows, out - first);
                Scopes.run(() -> {
                    Grid grid = grid(weight.narrow(0, begin, count), group);
                    number_OI.narrow(0, begin, count).copy_(grid.number_RI());
                    Tensor place_GR2 = scale_GO2.narrow(1, begin, count);
                    place_GR2.select(2, 0).copy_(grid.scale_RG().t());
                    place_GR2.select(2, 1).copy_(grid.zero_RG().neg().add_(EIGHT).mul_(grid.scale_RG()).t());
                });
            }
            made[0] = constant(ARRANGE.apply(number_OI, 2L));
            made[1] = constant(scale_GO2);
        });
        packed = made[0];
        scales = made[1];
    }

    /** The numbers and scales of a matrix. */
    static WholeNumbers numbers(Tensor weight, long group) {
        Grid grid = grid(weight, group);
        return new WholeNumbers(grid.number_RI().to(ScalarType.Byte), grid.scale_RG().to(ScalarType.BFloat16),
                Optional.of(grid.zero_RG().to(ScalarType.Byte)));
    }

    private record Grid(Tensor number_RI, Tensor scale_RG, Tensor zero_RG) {}

    /** By the grids that err least in the sum of squares. */
    private static Grid grid(Tensor weight, long group) {
        Tensor weight_RI = weight.detach().to(ScalarType.Float);
        Tensor weight_RGg = weight_RI.contiguous().view(weight_RI.size(0), -1, group);
        Tensor least_RG1 = weight_RGg.amin(LAST, true).clamp_max_(NOTHING);
        Tensor range_RG1 = weight_RGg.amax(LAST, true).clamp_min_(NOTHING).sub_(least_RG1);
        Tensor scale_RG1 = torch.empty_like(range_RG1);
        Tensor error_RG1 = torch.full_like(range_RG1, Tensors.constant(Double.POSITIVE_INFINITY));
        for (int steps = MOST; steps >= LEAST; steps--) {
            Scalar count = Tensors.constant(steps);
            Scopes.run(() -> {
                Tensor tried_RG1 = range_RG1.div(count).to(ScalarType.BFloat16).to(ScalarType.Float).clamp_min_(TINY);
                Tensor zero_RG1 = zero(least_RG1, tried_RG1);
                Tensor error = numbers(weight_RGg, tried_RG1, zero_RG1).sub_(zero_RG1).mul_(tried_RG1)
                        .sub_(weight_RGg).square_().sum(LAST, true, new ScalarTypeOptional());
                Tensor better = error.lt(error_RG1);
                scale_RG1.copy_(torch.where(better, tried_RG1, scale_RG1));
                error_RG1.copy_(torch.where(better, error, error_RG1));
            });
        }
        Tensor zero_RG1 = zero(least_RG1, scale_RG1);
        Tensor number_RI = numbers(weight_RGg, scale_RG1, zero_RG1).flatten(1, 2);
        return new Grid(number_RI, scale_RG1.squeeze(-1), zero_RG1.squeeze(-1));
    }

    private static Tensor zero(Tensor least_RG1, Tensor scale_RG1) {
        return least_RG1.div(scale_RG1).neg().round_().clamp_max_(FIFTEEN);
    }

    private static Tensor numbers(Tensor weight_RGg, Tensor scale_RG1, Tensor zero_RG1) {
        return weight_RGg.div(scale_RG1).round_().add_(zero_RG1).clamp_min_(NOTHING).clamp_max_(FIFTEEN);
    }

    @Override
    public long bytes() {
        return packed.nbytes() + scales.nbytes();
    }

    long group() {
        return group;
    }

    @Override
    public Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return Scopes.scoped(() -> {
            Tensor y_RO = product(x.reshape(-1, weight.size(1)).to(ScalarType.BFloat16)).narrow(1, 0, weight.size(0));
            long[] shape = x.shape();
            shape[shape.length - 1] = weight.size(0);
            Tensor y = y_RO.to(Tensors.type(x)).reshape(shape);
            bias.ifPresent(y::add_);
            return y;
        });
    }

    @Override
    public Tensor dequantized() {
        return Scopes.scoped(() -> {
            long in = scales.size(0) * group;
            Tensor weight_IO = Tensors.empty(ScalarType.Float, in, scales.size(1));
            long rows = Math.min(in, PIECE / scales.size(1) / group * group + group);
            for (long first = 0; first < in; first += rows) {
                long begin = first;
                long count = Math.min(rows, in - first);
                Scopes.run(() -> weight_IO.narrow(0, begin, count).copy_(inputs(begin, count, in)));
            }
            return weight_IO.narrow(1, 0, out).t().contiguous();
        });
    }

    /** The weights of some inputs, whole groups, [R, O]: the numbers follow from products with one input each. */
    private Tensor inputs(long first, long count, long in) {
        Tensor one_RI = Tensors.empty(ScalarType.BFloat16, count, in).zero_();
        one_RI.narrow(1, first, count).fill_diagonal_(Tensors.constant(1));
        Tensor scale_GO2 = scales.narrow(0, first / group, count / group).to(ScalarType.Float)
                .repeat_interleave(group, new LongOptional(0), new LongOptional());
        Tensor scale_RO = scale_GO2.select(2, 0);
        Tensor eight_RO = scale_GO2.select(2, 1);
        Tensor number_RO = product(one_RI).to(ScalarType.Float).sub_(eight_RO)
                .div_(scale_RO.clamp_min(TINY)).round_();
        return number_RO.mul_(scale_RO).add_(eight_RO);
    }

    /** bfloat16 [R, I] to [R, O] of whole blocks. */
    private Tensor product(Tensor x_RI) {
        return PRODUCT.apply(x_RI, packed, group, scales);
    }
}
