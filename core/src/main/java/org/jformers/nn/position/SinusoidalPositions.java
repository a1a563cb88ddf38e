package org.jformers.nn.position;

import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Sines and cosines of falling frequency. Source: arXiv:1706.03762, 3.5: PE(p, 2i) = sin(p / 10000^(2i / C)),
 * PE(p, 2i + 1) = cos of the same.
 */
public final class SinusoidalPositions extends PositionTable {
    private final Spec spec;
    private final Tensor table;

    /** Where sines and cosines stand in the vector. */
    public enum Layout {
        /** Sine and cosine of one frequency side by side, as in the paper. */
        INTERLEAVED,
        /** All sines, then all cosines, as in CTRL and Marian. */
        HALVES,
        /**
         * The same with the slowest wave exactly 10000 times as long as the fastest, as in tensor2tensor and Whisper.
         */
        HALVES_BOTH_ENDS
    }

    /** Whether checkpoints hold the table. */
    public enum Storage {
        COMPUTED,
        /** As a buffer {@code weight}, whose stored values count. */
        STORED
    }

    /**
     * @param positions number of positions
     * @param width C; where it is odd there is one sine more than there are cosines
     * @param layout where sines and cosines stand
     * @param storage whether checkpoints hold the table
     */
    public record Spec(int positions, int width, Layout layout, Storage storage) implements PositionTable.Spec {
        /** A table that is computed. */
        public Spec(int positions, int width, Layout layout) {
            this(positions, width, layout, Storage.COMPUTED);
        }

        public Spec withStorage(Storage whether) {
            return new Spec(positions, width, layout, whether);
        }

        public Spec {
            PositionTable.requirePositions(positions);
        }

        @Override
        public SinusoidalPositions build() {
            return new SinusoidalPositions(this);
        }
    }

    private SinusoidalPositions(Spec spec) {
        this.spec = spec;
        if (spec.storage() == Storage.STORED) {
            table = buffer("weight", 0, spec.positions(), spec.width());
            Scopes.run(() -> table.copy_(values(spec)));
        } else {
            table = constant(values(spec));
        }
    }

    @Override
    public Tensor forward(Tensor positions) {
        return Tensors.rows(table, positions, -1);
    }

    /** The whole table [positions, C]. */
    public Tensor table() {
        return table;
    }

    @Override
    public Spec spec() {
        return spec;
    }

    /** The whole table [positions, C]. */
    static Tensor values(Spec spec) {
        int width = spec.width();
        float[] values = new float[spec.positions() * width];
        for (int position = 0; position < spec.positions(); position++) {
            for (int i = 0; i < width; i++) {
                double steps = spec.layout() == Layout.HALVES_BOTH_ENDS ? width / 2 - 1 : width / 2.0;
                double angle = position / Math.pow(10_000, i / 2 / steps);
                boolean interleaved = spec.layout() == Layout.INTERLEAVED;
                int at = interleaved ? i : i / 2 + (i % 2) * ((width + 1) / 2);
                values[position * width + at] = (float) (i % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
            }
        }
        return Tensors.ofFloats(values, spec.positions(), width);
    }
}
