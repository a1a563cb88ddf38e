package org.jformers.training;

import java.util.OptionalDouble;
import java.util.function.BiConsumer;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.head.Loss;
import org.jformers.objective.Objective;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;

/** Measures loss and accuracy on held-out batches every so many steps and at the end; dropout is off meanwhile. */
public final class ValidationListener implements TrainingListener {
    private final Iterable<Batch> heldOut;
    private final int every;
    private final BiConsumer<Long, HeldOutLoss> result;
    private boolean unmeasured;

    /**
     * @param heldOut batches that training never sees
     * @param every steps between measurements, >= 1
     * @param result receives the step and what was measured
     */
    public ValidationListener(Iterable<Batch> heldOut, int every, BiConsumer<Long, HeldOutLoss> result) {
        this.heldOut = heldOut;
        this.every = every;
        this.result = result;
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
        TrainingLoop.Parts parts = loop.parts();
        result.accept(loop.progress().step(),
                measure(parts.trained(), parts.objective(), loop.settings().precision(), heldOut));
    }

    /** Measures with dropout off; the model's mode is as before afterwards. */
    public static HeldOutLoss measure(
            Trainable trained, Objective objective, Precision precision, Iterable<Batch> batches) {
        boolean training = trained.training();
        trained.train(false);
        double sum = 0;
        double right = 0;
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
                labels += batch.labels();
            }
        } finally {
            trained.train(training);
        }
        return new HeldOutLoss(
                sum / labels, Double.isNaN(right) ? OptionalDouble.empty() : OptionalDouble.of(right / labels));
    }
}
