package org.jformers.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Images, each with its class: the examples of image classification. Pixels are made when a batch is, on the threads
 * that make batches. Immutable.
 *
 * <p>An epoch has every image once, in random order, in batches of a fixed number, of which the last may be smaller; an
 * evaluation has them in their own order. A batch has the fields {@code pixel_values} [B, 3, height, width] and {@code
 * labels} [B].
 */
public final class LabelledImages implements BatchedExamples {
    private final int[] ids;
    private final long[] shape;
    private final Pixels pixels;
    private final int rowsPerBatch;

    /** Where the values of images come from. */
    @FunctionalInterface
    public interface Pixels {
        /**
         * The values of an image; on any thread. May use the first thousand numbers that the draw has for it.
         *
         * @param example number of the image
         * @param draw where random choices come from
         */
        float[] of(int example, Draw draw);
    }

    private LabelledImages(int[] ids, long[] shape, Pixels pixels, int rowsPerBatch) {
        this.ids = ids;
        this.shape = shape;
        this.pixels = pixels;
        this.rowsPerBatch = rowsPerBatch;
    }

    /**
     * Images of one shape.
     *
     * @param ids number of the class of each
     * @param shape of the values of one: 3, height, width
     * @param rowsPerBatch images of a batch
     */
    public static LabelledImages of(int[] ids, long[] shape, Pixels pixels, int rowsPerBatch) {
        if (ids.length == 0 || rowsPerBatch < 1) {
            throw new DataException("labelled images: got " + ids.length + " in batches of " + rowsPerBatch
                    + ", allowed one or more in batches of one or more");
        }
        return new LabelledImages(ids.clone(), shape.clone(), pixels, rowsPerBatch);
    }

    /** Number of images. */
    public int size() {
        return ids.length;
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return EpochPlan.cut(EpochPlan.shuffled(ids.length, seed, epoch), rowsPerBatch);
    }

    @Override
    public EpochPlan evaluation() {
        return EpochPlan.cut(IntStream.range(0, ids.length).toArray(), rowsPerBatch);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("pixel_values", values(examples, draw, shape, pixels));
        long[] labels = Arrays.stream(examples).mapToLong(i -> ids[i]).toArray();
        fields.put("labels", new Batch.Longs(labels, labels.length));
        return new Batch(fields, examples.length, examples.length, position);
    }

    /** The values of some images, one behind another. */
    static Batch.Floats values(int[] examples, Draw draw, long[] shape, Pixels pixels) {
        int each = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
        float[] values = new float[Math.multiplyExact(examples.length, each)];
        for (int i = 0; i < examples.length; i++) {
            System.arraycopy(pixels.of(examples[i], draw), 0, values, i * each, each);
        }
        return new Batch.Floats(values, examples.length, shape[0], shape[1], shape[2]);
    }
}
