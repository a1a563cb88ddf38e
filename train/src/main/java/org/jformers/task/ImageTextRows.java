package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.Draw;
import org.jformers.data.EncodedTexts;
import org.jformers.data.ImageTexts;
import org.jformers.data.LabelledImages;
import org.jformers.data.LabelledImages.Pixels;
import org.jformers.data.RowEncoding;
import org.jformers.data.Table;
import org.jformers.model.Extent;
import org.jformers.model.ModelInputs;
import org.jformers.model.kind.ContrastiveModel;
import org.jformers.objective.BatchTensors;
import org.jformers.objective.TextVectors;
import org.jformers.task.ImageClassification.Augmentation;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.vision.ImageProcessor;

/**
 * Rows of an image and a text, each image and each text once, however many rows it has.
 *
 * @param texts the texts
 * @param textOf for each row the number of its text
 * @param images the images
 * @param imageOf for each row the number of its image
 * @param processor brings images to size and scale
 * @param size what all of them get
 * @param batch rows of a batch
 */
record ImageTextRows(
        EncodedTexts texts, int[] textOf, List<Path> images, int[] imageOf, ImageProcessor processor, Extent size,
        int batch) {
    private static final Augmentation NONE = new Augmentation(1, false);

    static ImageTextRows of(
            Table table, String text, RowEncoding encoding, ImageProcessor processor, Extent size, int batch) {
        Map<String, Integer> numbered = new LinkedHashMap<>();
        int[] textOf = numbers(table.column(text), numbered);
        List<String> different = List.copyOf(numbered.keySet());
        Map<Path, Integer> files = new LinkedHashMap<>();
        int[] imageOf = numbers(ImageTables.files(table), files);
        return new ImageTextRows(EncodedTexts.of(different, encoding, batch), textOf, List.copyOf(files.keySet()),
                imageOf, processor, size, batch);
    }

    private static <T> int[] numbers(List<T> values, Map<T, Integer> numbered) {
        return values.stream().mapToInt(value -> {
            numbered.putIfAbsent(value, numbered.size());
            return Objects.requireNonNull(numbered.get(value));
        }).toArray();
    }

    private long[] shape() {
        return new long[] {3, size.height(), size.width()};
    }

    /** The rows in batches, images changed each time. */
    ImageTexts batched(Augmentation augmentation) {
        List<Path> files = Arrays.stream(imageOf).mapToObj(images::get).toList();
        return ImageTexts.of(texts, textOf, imageOf, shape(), new ImagePixels(files, processor, size, augmentation),
                batch);
    }

    /**
     * How often the nearest one belongs, of all images to a text and of all texts to an image: what papers on retrieval
     * call recall at 1.
     *
     * @param images share of the texts whose nearest image is theirs
     * @param texts share of the images whose nearest text is one of theirs
     */
    record Recall(double images, double texts) {}

    /** Looks for all images and texts of the rows among each other, dropout off; the model's mode is as before. */
    Recall recall(ContrastiveModel model, Precision precision) {
        boolean training = model.network().training();
        model.network().train(false);
        try (NoGrad noGrad = new NoGrad()) {
            return recall(vectors(model, precision));
        } finally {
            model.network().train(training);
        }
    }

    private Recall recall(TextVectors vectors) {
        int[] ofTexts = IntStream.range(0, texts.size()).toArray();
        int[] ofImages = IntStream.range(texts.size(), texts.size() + images.size()).toArray();
        Set<List<Integer>> pairs = IntStream.range(0, textOf.length)
                .mapToObj(row -> List.of(textOf[row], imageOf[row])).collect(Collectors.toSet());
        List<TextVectors.Nearest> image = vectors.nearest(ofTexts, ofImages, 1);
        List<TextVectors.Nearest> text = vectors.nearest(ofImages, ofTexts, 1);
        long foundImages = IntStream.range(0, texts.size())
                .filter(i -> pairs.contains(List.of(i, image.get(i).texts()[0] - texts.size()))).count();
        long foundTexts = IntStream.range(0, images.size())
                .filter(i -> pairs.contains(List.of(text.get(i).texts()[0], i))).count();
        return new Recall((double) foundImages / texts.size(), (double) foundTexts / images.size());
    }

    /** Those of the texts, then those of the images. */
    private TextVectors vectors(ContrastiveModel model, Precision precision) {
        List<float[]> some = new ArrayList<>();
        int[] order = texts.evaluation().order();
        for (int[] numbers : texts.evaluation().batches()) {
            Batch read = texts.collate(numbers, Draw.FIXED, 0);
            some.add(Scopes.get(() -> TextVectors.unit(precision.compute(() ->
                    model.textFeatures(BatchTensors.of(read)).get("pooler_output")))));
        }
        Pixels pixels = new ImagePixels(images, processor, size, NONE);
        for (int from = 0; from < images.size(); from += batch) {
            int[] numbers = IntStream.range(from, Math.min(images.size(), from + batch)).toArray();
            Batch read = LabelledImages.of(new int[images.size()], shape(), pixels, batch)
                    .collate(numbers, Draw.FIXED, 0);
            some.add(Scopes.get(() -> TextVectors.unit(precision.compute(() ->
                    model.imageFeatures(ModelInputs.of(Map.of("pixel_values",
                            BatchTensors.of(Objects.requireNonNull(read.fields().get("pixel_values"))))))
                            .get("pooler_output")))));
        }
        int width = some.get(0).length / texts.evaluation().batches()[0].length;
        float[] all = new float[Math.multiplyExact(texts.size() + images.size(), width)];
        int at = 0;
        for (float[] vectors : some) {
            for (int from = 0; from < vectors.length; from += width) {
                int number = at < order.length ? order[at] : at;
                System.arraycopy(vectors, from, all, number * width, width);
                at++;
            }
        }
        return new TextVectors(all, width);
    }
}
