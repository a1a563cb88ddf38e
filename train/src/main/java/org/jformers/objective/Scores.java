package org.jformers.objective;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.Draw;
import org.jformers.model.Model;
import org.jformers.model.ModelOutput;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * What a classifier says of a batch with labels, as plain numbers.
 *
 * @param examples numbers of the examples, row by row
 * @param batch what it was given
 * @param logits scores, row-major [B, L], or [B, T, L] of tokens; of a model with several heads those of hidden tokens
 * @param classes L
 */
public record Scores(int[] examples, Batch batch, float[] logits, int classes) {

    /**
     * Goes through all examples, dropout off; the model's mode is as before afterwards.
     *
     * @return mean loss per label
     */
    public static double each(Model model, BatchedExamples examples, Precision precision, Consumer<Scores> use) {
        return EvaluationPass.each(model, examples, precision, Scores::of, use);
    }

    /** The same of some examples, in one batch, computed in float32; the model's mode is the caller's. */
    public static void some(Model model, BatchedExamples examples, int[] rows, Consumer<Scores> use) {
        try (NoGrad noGrad = new NoGrad()) {
            Batch batch = examples.collate(rows, Draw.FIXED, 0);
            use.accept(Scopes.get(() -> of(rows, batch,
                    Precision.FLOAT32.compute(() -> model.forward(BatchTensors.of(batch))))));
        }
    }

    private static Scores of(int[] rows, Batch batch, ModelOutput output) {
        Tensor logits = output.find("logits").orElseGet(() -> output.get("prediction_logits"));
        return new Scores(rows, batch, Tensors.toFloats(logits), (int) logits.size(-1));
    }

    /** The class with the highest score at a row, or a place of tokens, counted through. */
    public int best(int place) {
        int best = 0;
        for (int i = 1; i < classes; i++) {
            if (logits[place * classes + i] > logits[place * classes + best]) {
                best = i;
            }
        }
        return best;
    }

    /** The share that the softmax of a place's scores gives to a class. */
    public double probability(int place, int of) {
        double largest = logits[place * classes + best(place)];
        double sum = 0;
        for (int i = 0; i < classes; i++) {
            sum += Math.exp(logits[place * classes + i] - largest);
        }
        return Math.exp(logits[place * classes + of] - largest) / sum;
    }

    /** The classes of a row whose scores are above a number, ascending. */
    public int[] above(int row, double score) {
        return IntStream.range(0, classes).filter(i -> logits[row * classes + i] > score).toArray();
    }

    /** Mean binary cross-entropy of a row's scores where those classes, ascending, are the right ones. */
    public double binaryLoss(int row, int[] right) {
        double sum = 0;
        for (int i = 0; i < classes; i++) {
            double score = logits[row * classes + i];
            boolean is = Arrays.binarySearch(right, i) >= 0;
            sum += Math.log1p(Math.exp(-Math.abs(score))) + Math.max(score, 0) - (is ? score : 0);
        }
        return sum / classes;
    }
}
