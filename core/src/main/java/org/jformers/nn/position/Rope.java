package org.jformers.nn.position;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Module;
import org.jformers.nn.mask.Span;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Rotary positions: pairs of values of queries and keys turn by an angle that grows with the position, so that their
 * product depends on distance alone. Source: arXiv:2104.09864. Value i pairs with value i + R / 2, as checkpoints of
 * the Llama kind store them.
 *
 * <p>Dimensions: B batch, N heads, T tokens, D head width, R rotated width, at most D.
 */
public final class Rope extends Module {
    private final Spec spec;
    private final Tensor frequency_R;
    private final Scalar attentionFactor;
    private final Tensor partnerFactor_R;

    /**
     * @param rotated R, even: the first values of each head that are rotated
     * @param base the longest wave is 2 pi times this
     * @param scaling how the frequencies are changed for sequences longer than those of training
     */
    public record Spec(int rotated, double base, RopeScaling scaling) {
        /** Frequencies as they are. */
        public Spec(int rotated, double base) {
            this(rotated, base, RopeScaling.NONE);
        }

        public Spec {
            if (rotated < 2 || rotated % 2 != 0 || !(base > 0)) {
                throw new IllegalArgumentException("rotary positions: got " + rotated + " values and base " + base
                        + ", allowed an even number of values >= 2 and a positive base");
            }
            scaling.requireWidth(rotated);
        }

        public Rope build() {
            return new Rope(this);
        }
    }

    private Rope(Spec spec) {
        this.spec = spec;
        frequency_R = constant(frequencies(1));
        attentionFactor = Tensors.constant(spec.scaling().attentionFactor());
        float[] partner = new float[spec.rotated()];
        Arrays.fill(partner, (float) spec.scaling().attentionFactor());
        Arrays.fill(partner, 0, partner.length / 2, (float) -spec.scaling().attentionFactor());
        partnerFactor_R = constant(Tensors.ofFloats(partner, partner.length));
    }

    /** The angles of tokens at int64 positions [T] or [B, T], which may be on the host. */
    public Rotation at(Tensor positions) {
        Tensor there = Tensors.beside(positions, frequency_R);
        Tensor batched = there.dim() == 1 ? there.unsqueeze(0) : there;
        Tensor angle_B1TR =
                batched.to(ScalarType.Float).unsqueeze(-1).mul(frequenciesFor(positions)).unsqueeze(1);
        return new Rotation(angle_B1TR.cos().mul_(attentionFactor), angle_B1TR.sin().mul_(partnerFactor_R));
    }

    private Tensor frequenciesFor(Tensor positions) {
        if (spec.scaling().steadyLength() == Long.MAX_VALUE) {
            return frequency_R;
        }
        long length = positions.max().item_long() + 1;
        return length <= spec.scaling().steadyLength() ? frequency_R : frequencies(length);
    }

    /** One frequency per value, both of a pair alike. */
    private Tensor frequencies(long length) {
        float[] half = spec.scaling().frequencies(spec.rotated(), spec.base(), length);
        Tensor half_H = Tensors.ofFloats(half, half.length);
        return Tensors.to(Tensors.cat(0, half_H, half_H), device());
    }

    public Spec spec() {
        return spec;
    }

    /**
     * The angles of the tokens of one pass.
     *
     * @param cos_B1TR cosines, [1 or B, 1, T, R]
     * @param sin_B1TR sines, those of a pair's first value negative
     */
    public record Rotation(Tensor cos_B1TR, Tensor sin_B1TR) {
        /** Those of some of the tokens. */
        public Rotation of(Span tokens) {
            return new Rotation(tokens.of(cos_B1TR, 2), tokens.of(sin_B1TR, 2));
        }

        /**
         * Turns the first R values of each head: [B, N, T, D] to the same. Computes in float32, returns the input's
         * type.
         */
        public Tensor apply(Tensor x_BNTD) {
            long rotated = cos_B1TR.size(3);
            if (rotated == x_BNTD.size(3)) {
                return turned(x_BNTD);
            }
            Tensor turned_BNTR = turned(x_BNTD.narrow(3, 0, rotated));
            return Tensors.cat(3, turned_BNTR, x_BNTD.narrow(3, rotated, x_BNTD.size(3) - rotated));
        }

        private Tensor turned(Tensor x_BNTR) {
            return Scopes.scoped(() -> {
                Tensor partner_BNTR = Tensors.shaped(x_BNTR, x_BNTR.shape(), () ->
                        x_BNTR.roll(new long[] {x_BNTR.size(3) / 2}, new long[] {3}));
                return x_BNTR.mul(cos_B1TR).add_(partner_BNTR.mul(sin_B1TR)).to(Tensors.type(x_BNTR));
            });
        }
    }
}
