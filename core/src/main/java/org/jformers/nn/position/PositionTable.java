package org.jformers.nn.position;

import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Module;
import org.jformers.tensor.ShapeException;

/**
 * Gives each position a vector that is added to the token's. Kinds: {@link LearnedPositions},
 * {@link SinusoidalPositions}, {@link ScaledPositions}.
 */
public abstract sealed class PositionTable extends Module
        permits LearnedPositions, SinusoidalPositions, ScaledPositions {

    /** int64 positions [T] or [B, T] to vectors [T, C] or [B, T, C]. */
    public abstract Tensor forward(Tensor positions);

    /**
     * Refuses a position behind the end of the table.
     *
     * @param rows how many rows from the start of the table are needed
     * @param offset how many of them stand before that of the first token
     */
    public final void requireRoom(long rows, int offset) {
        if (rows > spec().positions()) {
            throw new ShapeException("sequence length: got " + (rows - offset) + ", allowed at most "
                    + (spec().positions() - offset) + " (size of the position table)");
        }
    }

    static void requirePositions(int positions) {
        if (positions < 1) {
            throw new IllegalArgumentException("positions: got " + positions + ", allowed >= 1");
        }
    }

    /** The spec this table was built from. */
    public abstract Spec spec();

    /** Which table, how many positions, how wide. */
    public sealed interface Spec
            permits LearnedPositions.Spec, SinusoidalPositions.Spec, ScaledPositions.Spec {
        int positions();

        int width();

        PositionTable build();
    }
}
