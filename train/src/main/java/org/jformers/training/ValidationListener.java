package org.jformers.training;

import java.util.List;
import java.util.function.BiConsumer;
import org.jformers.data.Batch;
import org.jformers.model.Model;
import org.jformers.objective.Objective;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;

/** Measures the loss on held-out batches every so many steps and at the end; dropout is off meanwhile. */
public final class ValidationListener implements TrainingListener {
    private final Iterable<Batch> heldOut;
    private final int every;
    private final BiConsumer<Long, Double> result;
    private boolean unmeasured;

    /**
     * @param heldOut batches that training never sees
     * @param every steps between measurements, >= 1
     * @param result receives the step and the mean loss per token, in nats
     */
    public ValidationListener(Iterable<Batch> heldOut, int every, BiConsumer<Long, Double> result) {
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
        if (unmeasured) {
            measure(loop);
        }
    }

    private void measure(TrainingLoop loop) {
        unmeasured = false;
        TrainingLoop.Parts parts = loop.parts();
        double loss = meanLoss(parts.model(), parts.objective(), loop.settings().precision(), heldOut);
        result.accept(loop.progress().step(), loss);
    }

    /** The mean loss per labelled token, with dropout off; the model's mode is as before afterwards. */
    public static double meanLoss(Model model, Objective objective, Precision precision, Iterable<Batch> batches) {
        boolean training = model.network().training();
        model.network().train(false);
        double sum = 0;
        long tokens = 0;
        try (NoGrad noGrad = new NoGrad()) {
            for (Batch batch : batches) {
                sum += Scopes.get(() -> precision.compute(() -> objective.lossSum(model, batch)).item_double());
                tokens += batch.tokens();
            }
        } finally {
            model.network().train(training);
        }
        return sum / tokens;
    }
}
