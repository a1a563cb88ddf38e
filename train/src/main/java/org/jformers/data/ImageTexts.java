package org.jformers.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.jformers.data.LabelledImages.Pixels;

/**
 * Images with their texts: the examples of contrast. Pixels are made when a batch is, on the threads that make batches.
 * Immutable.
 *
 * <p>An epoch has every row once, in random order. No two rows of a batch have an image or a text in common, which
 * would stand against itself: a row waits for the next batch in which it has none. A batch has the fields {@code
 * pixel_values} [B, 3, height, width] and those of {@link EncodedTexts}; the text of a row belongs to its image.
 */
public final class ImageTexts implements BatchedExamples {
    private final EncodedTexts texts;
    private final int[] textOf;
    private final int[][] parts;
    private final long[] shape;
    private final Pixels pixels;
    private final int rowsPerBatch;

    private ImageTexts(
            EncodedTexts texts, int[] textOf, int[][] parts, long[] shape, Pixels pixels, int rowsPerBatch) {
        this.texts = texts;
        this.textOf = textOf;
        this.parts = parts;
        this.shape = shape;
        this.pixels = pixels;
        this.rowsPerBatch = rowsPerBatch;
    }

    /**
     * Rows of an image and a text.
     *
     * @param texts the texts
     * @param textOf for each row the number of its text
     * @param imageOf for each row the number of its image
     * @param shape of the values of an image: 3, height, width
     * @param pixels the values of the images, by row
     * @param rowsPerBatch rows of a batch
     */
    public static ImageTexts of(
            EncodedTexts texts, int[] textOf, int[] imageOf, long[] shape, Pixels pixels, int rowsPerBatch) {
        if (textOf.length == 0 || textOf.length != imageOf.length || rowsPerBatch < 1) {
            throw new DataException("images and texts: got " + imageOf.length + " images and " + textOf.length
                    + " texts in batches of " + rowsPerBatch
                    + ", allowed as many of both, one or more, in batches of one or more");
        }
        int[][] parts = IntStream.range(0, textOf.length)
                .mapToObj(row -> new int[] {textOf[row], texts.size() + imageOf[row]}).toArray(int[][]::new);
        return new ImageTexts(texts, textOf.clone(), parts, shape.clone(), pixels, rowsPerBatch);
    }

    /** Number of rows. */
    public int size() {
        return parts.length;
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return plan(EpochPlan.shuffled(parts.length, seed, epoch));
    }

    /** The rows in their own order, since what a row is compared with is the rest of its batch. */
    @Override
    public EpochPlan evaluation() {
        return plan(IntStream.range(0, parts.length).toArray());
    }

    private EpochPlan plan(int[] order) {
        return new EpochPlan(EpochPlan.apart(order, parts, rowsPerBatch), order.length, order.length);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>();
        fields.put("pixel_values", LabelledImages.values(examples, draw, shape, pixels));
        fields.putAll(texts.fields(Arrays.stream(examples).map(row -> textOf[row]).toArray()));
        return new Batch(fields, examples.length, examples.length, position);
    }
}
