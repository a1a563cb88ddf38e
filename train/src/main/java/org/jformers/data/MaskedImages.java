package org.jformers.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.jformers.data.LabelledImages.Pixels;

/**
 * Images of which patches are hidden, others in each epoch. Pixels are made when a batch is, on the threads that make
 * batches. Immutable.
 *
 * <p>An epoch has every image once, in random order, in batches of a fixed number, of which the last may be smaller; an
 * evaluation has them in their own order and always hides the same. A batch has the fields {@code pixel_values} [B, 3,
 * height, width] and that of its {@link Hiding}; its labels are the hidden patches.
 */
public final class MaskedImages implements BatchedExamples {
    /** The first number of a draw that hides patches; those before it belong to the pixels. */
    private static final long FIRST = 1 << 10;

    private final int size;
    private final long[] shape;
    private final Pixels pixels;
    private final Hiding hiding;
    private final int rowsPerBatch;

    /**
     * Which patches of an image are hidden.
     *
     * @param rows rows of squares, each of which is hidden or not
     * @param columns columns of squares
     * @param side rows, and columns, of patches in a square
     * @param hidden how many squares are hidden, any of them equally likely
     * @param said how a model is told
     */
    public record Hiding(int rows, int columns, int side, int hidden, Said said) {
        public Hiding {
            if (rows < 1 || columns < 1 || side < 1 || hidden < 1 || hidden > rows * columns) {
                throw new DataException("hidden patches: got " + hidden + " of " + rows + " x " + columns
                        + " squares, of " + side + " x " + side
                        + " patches, allowed one or more of all squares");
            }
        }

        /** Patches of an image. */
        int patches() {
            return rows * columns * side * side;
        }

        private Batch.Field field(int[] examples, Draw draw) {
            int[] orders = Arrays.stream(examples)
                    .flatMap(example -> Arrays.stream(new Dice(draw, example, FIRST).order(rows * columns))).toArray();
            return said.field(this, orders, examples.length);
        }
    }

    /** How a model is told which patches are hidden. */
    public enum Said {
        /** {@code noise} [B, P]: those with the largest numbers. */
        NOISE {
            @Override
            Batch.Field field(Hiding hiding, int[] orders, int images) {
                float[] noise = new float[images * hiding.patches()];
                each(hiding, images, (at, square) -> noise[at] = orders[square]);
                return new Batch.Floats(noise, images, hiding.patches());
            }
        },
        /** {@code bool_masked_pos} [B, P]: those with a 1. */
        MASK {
            @Override
            Batch.Field field(Hiding hiding, int[] orders, int images) {
                int seen = hiding.rows() * hiding.columns() - hiding.hidden();
                long[] mask = new long[images * hiding.patches()];
                each(hiding, images, (at, square) -> mask[at] = orders[square] >= seen ? 1 : 0);
                return new Batch.Longs(mask, images, hiding.patches());
            }
        };

        /** A patch of a batch and the square that it lies in, both counted through all images. */
        interface Place {
            void at(int patch, int square);
        }

        /** @param orders for each square of each image where it stands among those of the image */
        abstract Batch.Field field(Hiding hiding, int[] orders, int images);

        private static void each(Hiding hiding, int images, Place place) {
            int columns = hiding.columns() * hiding.side();
            for (int at = 0; at < images * hiding.patches(); at++) {
                int image = at / hiding.patches();
                int patch = at % hiding.patches();
                int square = patch / columns / hiding.side() * hiding.columns() + patch % columns / hiding.side();
                place.at(at, image * hiding.rows() * hiding.columns() + square);
            }
        }

        /** The name of the field. */
        public String input() {
            return this == NOISE ? "noise" : "bool_masked_pos";
        }
    }

    private MaskedImages(int size, long[] shape, Pixels pixels, Hiding hiding, int rowsPerBatch) {
        this.size = size;
        this.shape = shape;
        this.pixels = pixels;
        this.hiding = hiding;
        this.rowsPerBatch = rowsPerBatch;
    }

    /**
     * Images of one shape.
     *
     * @param size how many there are
     * @param shape of the values of one: 3, height, width
     * @param rowsPerBatch images of a batch
     */
    public static MaskedImages of(int size, long[] shape, Pixels pixels, Hiding hiding, int rowsPerBatch) {
        if (size < 1 || rowsPerBatch < 1) {
            throw new DataException("masked images: got " + size + " in batches of " + rowsPerBatch
                    + ", allowed one or more in batches of one or more");
        }
        return new MaskedImages(size, shape.clone(), pixels, hiding, rowsPerBatch);
    }

    /** Number of images. */
    public int size() {
        return size;
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return EpochPlan.cut(EpochPlan.shuffled(size, seed, epoch), rowsPerBatch);
    }

    @Override
    public EpochPlan evaluation() {
        return EpochPlan.cut(IntStream.range(0, size).toArray(), rowsPerBatch);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("pixel_values", LabelledImages.values(examples, draw, shape, pixels));
        fields.put(hiding.said().input(), hiding.field(examples, draw));
        long labels = (long) examples.length * hiding.hidden() * hiding.side() * hiding.side();
        return new Batch(fields, examples.length, labels, position);
    }
}
