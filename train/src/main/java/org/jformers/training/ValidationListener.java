package org.jformers.training;

import java.util.LinkedHashMap;
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
        Map<String, Sums> terms = new LinkedHashMap<>();
        try (NoGrad noGrad = new NoGrad()) {
            for (Batch batch : batches) {
                Scopes.run(() -> precision.compute(() -> objective.loss(batch)).terms().forEach(term ->
                        terms.computeIfAbsent(term.name(), name -> new Sums()).add(term, objective, batch)));
            }
        } finally {
            trained.train(training);
        }
        Sums main = terms.getOrDefault(Loss.MAIN, new Sums());
        Map<String, Double> others = new LinkedHashMap<>();
        terms.forEach((name, sums) -> {
            if (!name.equals(Loss.MAIN)) {
                others.put(name, sums.sum / sums.count);
                sums.accuracy().ifPresent(share -> others.put(name + "_accuracy", share));
            }
        });
        return new HeldOutLoss(main.sum / main.count, main.accuracy(), others);
    }

    /** One term over all batches. */
    private static final class Sums {
        private double sum;
        private double count;
        /** NaN where the model does not tell; it never does then. */
        private double right;
        private double labels;

        void add(Loss.Term term, Objective objective, Batch batch) {
            sum += term.sum().item_double();
            count += objective.count(batch, term.name());
            right += term.right().map(Tensor::item_double).orElse(Double.NaN);
            // Labels may weigh differently in the loss, but one is as right as another.
            labels += term.name().equals(Loss.MAIN) ? batch.labels() : objective.count(batch, term.name());
        }

        OptionalDouble accuracy() {
            return Double.isNaN(right) ? OptionalDouble.empty() : OptionalDouble.of(right / labels);
        }
    }
}
