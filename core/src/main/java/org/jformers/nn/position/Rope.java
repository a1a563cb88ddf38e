package org.jformers.nn.position;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Module;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Rotary positions: pairs of values of queries and keys turn by an angle that grows with the position, so that their
 * product depends on distance alone. Source: arXiv:2104.09864. Value i pairs with value i + R / 2, as checkpoints of the
 * Llama kind store them.
 *
 * <p>Dimensions: B batch, N heads, T tokens, D head width, R rotated width, at most D.
 */
public final class Rope extends Module {
    private final Spec spec;
    private final Tensor frequency_R;

    /**
     * @param rotated R, even: the first values of each head that are rotated
     * @param base the longest wave is 2 pi times this
     */
    public record Spec(int rotated, double base) {
        public Spec {
            if (rotated < 2 || rotated % 2 != 0 || !(base > 0)) {
                throw new IllegalArgumentException("rotary positions: got " + rotated + " values and base " + base
                        + ", allowed an even number of values >= 2 and a positive base");
            }
        }

        public Rope build() {
            return new Rope(this);
        }
    }

    private Rope(Spec spec) {
        this.spec = spec;
        frequency_R = constant(Tensors.ofFloats(frequencies(spec), spec.rotated()));
    }

    /** The angles of tokens at int64 positions [T] or [B, T]. */
    public Rotation at(Tensor positions) {
        Tensor batched = positions.dim() == 1 ? positions.unsqueeze(0) : positions;
        Tensor angle_B1TR =
                batched.to(ScalarType.Float).unsqueeze(-1).mul(frequency_R).unsqueeze(1);
        return new Rotation(angle_B1TR.cos(), angle_B1TR.sin());
    }

    public Spec spec() {
        return spec;
    }

    /**
     * The angles of the tokens of one pass.
     *
     * @param cos_B1TR cosines, [1 or B, 1, T, R]
     * @param sin_B1TR sines
     */
    public record Rotation(Tensor cos_B1TR, Tensor sin_B1TR) {

        /** Turns the first R values of each head: [B, N, T, D] to the same. Computes in float32, returns the input's type. */
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
                TensorVector halves = x_BNTR.chunk(2, -1);
                Tensor partner_BNTR = Tensors.cat(3, halves.get(1).neg(), halves.get(0));
                return x_BNTR.mul(cos_B1TR).add(partner_BNTR.mul(sin_B1TR)).to(Tensors.type(x_BNTR));
            });
        }
    }

    /** One frequency per value, both of a pair alike. */
    private static float[] frequencies(Spec spec) {
        int half = spec.rotated() / 2;
        float[] frequency = new float[spec.rotated()];
        for (int i = 0; i < half; i++) {
            frequency[i] = (float) Math.pow(spec.base(), -2.0 * i / spec.rotated());
            frequency[half + i] = frequency[i];
        }
        return frequency;
    }
}
