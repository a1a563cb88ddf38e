package org.jformers.objective;

import java.util.function.Consumer;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.Draw;
import org.jformers.model.Model;
import org.jformers.model.ModelOutput;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;

/** One way through all examples with labels, dropout off. */
final class EvaluationPass {
    private EvaluationPass() {}

    /** What is made of a model's output, as plain numbers. */
    interface Reading<S> {
        S of(int[] examples, Batch batch, ModelOutput output);
    }

    /**
     * Hands what the model says of each batch on; its mode is as before afterwards.
     *
     * @return mean loss per label
     */
    static <S> double each(
            Model model, BatchedExamples examples, Precision precision, Reading<S> reading, Consumer<S> use) {
        boolean training = model.network().training();
        model.network().train(false);
        double[] loss = {0};
        long labels = 0;
        try (NoGrad noGrad = new NoGrad()) {
            for (int[] rows : examples.evaluation().batches()) {
                Batch batch = examples.collate(rows, Draw.FIXED, 0);
                use.accept(Scopes.get(() -> {
                    ModelOutput output = precision.compute(() -> model.forward(BatchTensors.of(batch)));
                    // The mean over no label is no number.
                    loss[0] += batch.labels() == 0 ? 0 : output.get("loss").item_double() * batch.labels();
                    return reading.of(rows, batch, output);
                }));
                labels += batch.labels();
            }
        } finally {
            model.network().train(training);
        }
        return loss[0] / labels;
    }
}
