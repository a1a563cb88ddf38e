package org.jformers.objective;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.data.Batch;
import org.jformers.data.Draw;
import org.jformers.data.EncodedTexts;
import org.jformers.model.Model;
import org.jformers.model.head.SentencePooling;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * The vectors of texts, each of length 1, as plain numbers: which texts are near each other.
 *
 * <p>Dimensions: N texts, C components, Q texts that are sought for, M texts among which is sought.
 */
public final class TextVectors {
    private static final int QUERIES = 256;

    private final float[] values;
    private final int width;

    /**
     * Vectors that are there, each of length 1.
     *
     * @param values row-major [N, C]
     * @param width C
     */
    public TextVectors(float[] values, int width) {
        this.values = values;
        this.width = width;
    }

    /**
     * The nearest texts of some.
     *
     * @param texts their numbers, the nearest first
     * @param cosines of the angles, as many
     */
    public record Nearest(int[] texts, float[] cosines) {}

    /** Embeds all texts, dropout off; the model's mode is as before afterwards. */
    public static TextVectors of(Model model, SentencePooling pooling, EncodedTexts texts, Precision precision) {
        boolean training = model.network().training();
        model.network().train(false);
        float[] values = new float[0];
        int width = 0;
        try (NoGrad noGrad = new NoGrad()) {
            for (int[] rows : texts.evaluation().batches()) {
                Batch batch = texts.collate(rows, Draw.FIXED, 0);
                float[] some = Scopes.get(() -> Tensors.toFloats(SentencePooling.unit(
                        precision.compute(() -> pooling.vectors(model, BatchTensors.of(batch))))));
                width = some.length / rows.length;
                values = values.length == 0 ? new float[Math.multiplyExact(texts.size(), width)] : values;
                for (int row = 0; row < rows.length; row++) {
                    System.arraycopy(some, row * width, values, rows[row] * width, width);
                }
            }
        } finally {
            model.network().train(training);
        }
        return new TextVectors(values, width);
    }

    /** Vectors [N, C] of length 1 in the directions of those given, row-major. */
    public static float[] unit(Tensor x_NC) {
        return Tensors.toFloats(SentencePooling.unit(x_NC.to(ScalarType.Float)));
    }

    /** C, components of a vector. */
    public int width() {
        return width;
    }

    /** The cosine of the angle between two texts. */
    public double cosine(int a, int b) {
        double sum = 0;
        for (int i = 0; i < width; i++) {
            sum += (double) values[a * width + i] * values[b * width + i];
        }
        return sum;
    }

    /**
     * For each of some texts those of others that are nearest.
     *
     * @param queries numbers of the texts that are sought for
     * @param among numbers of the texts among which is sought
     * @param count how many; all if there are fewer
     */
    public List<Nearest> nearest(int[] queries, int[] among, int count) {
        Nearest[] nearest = new Nearest[queries.length];
        Scopes.run(() -> {
            Tensor among_CM = rows(among).transpose(0, 1);
            for (int from = 0; from < queries.length; from += QUERIES) {
                int[] some = Arrays.copyOfRange(queries, from, Math.min(queries.length, from + QUERIES));
                int first = from;
                Scopes.run(() -> {
                    var best = rows(some).mm(among_CM).topk(Math.min(count, among.length), 1, true, true);
                    float[] cosines = Tensors.toFloats(best.get0());
                    long[] places = Tensors.toLongs(best.get1());
                    int each = places.length / some.length;
                    for (int q = 0; q < some.length; q++) {
                        nearest[first + q] = new Nearest(
                                IntStream.range(q * each, (q + 1) * each).map(i -> among[(int) places[i]]).toArray(),
                                Arrays.copyOfRange(cosines, q * each, (q + 1) * each));
                    }
                });
            }
        });
        return List.of(nearest);
    }

    private Tensor rows(int[] texts) {
        float[] chosen = new float[Math.multiplyExact(texts.length, width)];
        for (int i = 0; i < texts.length; i++) {
            System.arraycopy(values, texts[i] * width, chosen, i * width, width);
        }
        return Tensors.ofFloats(chosen, texts.length, width);
    }
}
