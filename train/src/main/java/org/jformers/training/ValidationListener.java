package org.jformers.training;

import java.util.Map;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.objective.Objective;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;

/** Measures a model on held-out data every so many steps and at the end. */
public final class ValidationListener implements TrainingListener {
    private final int every;
    private final Measurement measurement;
    private final Result result;
    private boolean unmeasured;

    /** What is measured: figures by name. */
    @FunctionalInterface
    public interface Measurement {
        Map<String, Double> measure(TrainingLoop loop);
    }

    /** Receives what was measured after a step. */
    @FunctionalInterface
    public interface Result {
        void measured(TrainingLoop loop, Map<String, Double> figures);
    }

    /**
     * @param every steps between measurements, >= 1
     * @param measurement what is measured
     * @param result receives it
     */
    public ValidationListener(int every, Measurement measurement, Result result) {
        this.every = every;
        this.measurement = measurement;
        this.result = result;
    }

    /** Measures the objective's loss, and accuracy where the model tells it, on batches that training never sees. */
    public ValidationListener(int every, Iterable<Batch> heldOut, Result result) {
        this(every, loop -> measure(loop.parts().trained(), loop.parts().objective(), loop.settings().precision(),
                heldOut).measures(), result);
    }

    @Override
    public void afterStep(TrainingLoop loop, StepReport report) {
        unmeasured = true;
        if (report.step() % every == 0) {
            measure(loop);
        }
    }

    @Override
    public void afterTraining(TrainingLoop loop) {
        if (unmeasured && !loop.stopped()) {
            measure(loop);
        }
    }

    private void measure(TrainingLoop loop) {
        unmeasured = false;
        result.measured(loop, measurement.measure(loop));
    }

    /** Measures loss and accuracy with dropout off; the model's mode is as before afterwards. */
    public static HeldOutLoss measure(
            Trainable trained, Objective objective, Precision precision, Iterable<Batch> batches) {
        boolean training = trained.training();
        trained.train(false);
        double sum = 0;
        double right = 0;
        double count = 0;
        long labels = 0;
        try (NoGrad noGrad = new NoGrad()) {
            for (Batch batch : batches) {
                // NaN where the model does not tell; it never does then.
                double[] values = Scopes.get(() -> {
                    Loss loss = precision.compute(() -> objective.loss(batch));
                    return new double[] {
                        loss.main().item_double(), loss.right().map(Tensor::item_double).orElse(Double.NaN)
                    };
                });
                sum += values[0];
                right += values[1];
                count += objective.count(batch, Loss.MAIN);
                labels += batch.labels();
            }
        } finally {
            trained.train(training);
        }
        return new HeldOutLoss(
                sum / count, Double.isNaN(right) ? OptionalDouble.empty() : OptionalDouble.of(right / labels));
    }
}
