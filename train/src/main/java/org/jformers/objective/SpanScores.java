package org.jformers.objective;

import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.model.Model;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Tensors;

/**
 * What a model says of where answers begin and end, as plain numbers.
 *
 * @param examples numbers of the examples, row by row
 * @param starts for each row the scores of its tokens as beginnings, padding left out
 * @param ends the same as ends
 */
public record SpanScores(int[] examples, float[][] starts, float[][] ends) {

    /**
     * Goes through all examples, dropout off; the model's mode is as before afterwards.
     *
     * @return mean loss per answer
     */
    public static double each(Model model, BatchedExamples examples, Precision precision, Consumer<SpanScores> use) {
        return EvaluationPass.each(model, examples, precision, (rows, batch, output) -> new SpanScores(rows,
                ofTokens(batch, Tensors.toFloats(output.get("start_logits"))),
                ofTokens(batch, Tensors.toFloats(output.get("end_logits")))), use);
    }

    private static float[][] ofTokens(Batch batch, float[] scores) {
        long[] real = batch.longs("attention_mask").values();
        int length = real.length / batch.examples();
        float[][] rows = new float[batch.examples()][];
        for (int row = 0; row < rows.length; row++) {
            int[] places = IntStream.range(row * length, (row + 1) * length).filter(at -> real[at] == 1).toArray();
            rows[row] = new float[places.length];
            for (int i = 0; i < places.length; i++) {
                rows[row][i] = scores[places[i]];
            }
        }
        return rows;
    }
}
