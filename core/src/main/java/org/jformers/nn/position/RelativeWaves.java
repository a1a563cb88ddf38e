package org.jformers.nn.position;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Module;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * Sines, then cosines, of the distance of two tokens. Source: arXiv:1901.02860, 3.3.
 *
 * <p>Dimensions: B batch, P distances, C width, H = C / 2.
 */
public final class RelativeWaves extends Module {
    private final Spec spec;
    private final Tensor frequency_H;

    /** Whether checkpoints hold the frequencies. */
    public enum Stored {
        YES,
        NO
    }

    /** Whether the text runs the same way in all rows. */
    public enum Direction {
        FORWARD,
        /** Backward in the second half of the rows, as XLNet's pretraining feeds it. */
        BOTH
    }

    /**
     * @param width C, even
     * @param farthest distances beyond this count as this; empty for no limit
     * @param direction which way the text runs
     * @param stored whether checkpoints hold the frequencies
     */
    public record Spec(int width, Optional<Integer> farthest, Direction direction, Stored stored) {
        public Spec {
            if (width < 2 || width % 2 != 0) {
                throw new IllegalArgumentException("relative positions: got width " + width + ", allowed even widths");
            }
        }

        public RelativeWaves build() {
            return new RelativeWaves(this);
        }
    }

    private RelativeWaves(Spec spec) {
        this.spec = spec;
        int half = spec.width() / 2;
        frequency_H = spec.stored() == Stored.YES
                ? buffer("frequencies", 0, half)
                : constant(frequencies(spec.width()));
        if (spec.stored() == Stored.YES) {
            try (NoGrad noGrad = new NoGrad()) {
                Scopes.run(() -> frequency_H.copy_(frequencies(spec.width())));
            }
        }
    }

    private static Tensor frequencies(int width) {
        float[] frequency = new float[width / 2];
        for (int i = 0; i < frequency.length; i++) {
            frequency[i] = (float) (1 / Math.pow(10_000, 2.0 * i / width));
        }
        return Tensors.ofFloats(frequency, frequency.length);
    }

    /**
     * The vectors of the distances {@code first}, {@code first - 1} ... {@code last}, [1 or B, P, C].
     *
     * @param batch B
     * @param backward_B bool, which rows run backward, where both directions occur; the second half if empty
     */
    public Tensor at(long first, long last, long batch, Optional<Tensor> backward_B) {
        Tensor distance_P = Tensors.range(-first, 1 - last, frequency_H).neg().to(ScalarType.Float);
        if (spec.farthest().isPresent()) {
            double limit = spec.farthest().get();
            distance_P =
                    distance_P.clamp(new ScalarOptional(new Scalar(-limit)), new ScalarOptional(new Scalar(limit)));
        }
        Tensor forward_1PC = waves(distance_P);
        if (spec.direction() == Direction.FORWARD) {
            return forward_1PC;
        }
        Tensor backward = Tensors.beside(backward_B.orElseGet(() -> secondHalf(batch)), frequency_H).view(batch, 1, 1);
        Tensor backward_1PC = waves(distance_P.neg());
        return Tensors.shaped(
                forward_1PC, new long[] {batch, forward_1PC.size(1), spec.width()},
                () -> backward_1PC.where(backward, forward_1PC));
    }

    /** bool [B] on the host, true for the rows that run backward where nobody says which. */
    public static Tensor secondHalf(long batch) {
        if (batch % 2 != 0) {
            throw new ShapeException(
                    "bi_data: got " + batch + " rows, allowed an even number, the second half running backward");
        }
        return Tensors.range(0, batch).ge(new Scalar(batch / 2));
    }

    private Tensor waves(Tensor distance_P) {
        Tensor angle_PH = distance_P.unsqueeze(1).mul(frequency_H.unsqueeze(0));
        return Tensors.cat(1, angle_PH.sin(), angle_PH.cos()).unsqueeze(0);
    }
}
