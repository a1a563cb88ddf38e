package org.jformers.training;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.model.Model;
import org.jformers.nn.stack.GradientCheckpoints;
import org.jformers.objective.Objective;
import org.jformers.optim.Optimizer;
import org.jformers.optim.Schedule;
import org.jformers.tensor.Scopes;

/** Trains a model. {@link #run} is all of it; logs, checkpoints and evaluation are {@link TrainingListener}s. */
public final class TrainingLoop {
    private final Parts parts;
    private final Iterator<Batch> batches;
    private final TrainingSettings settings;
    private final List<TrainingListener> listeners;
    private TrainingProgress progress;

    /**
     * What is trained, for what and how.
     *
     * @param model the model
     * @param objective the loss
     * @param optimizer changes the model's parameters
     * @param schedule the learning rate
     */
    public record Parts(Model model, Objective objective, Optimizer optimizer, Schedule schedule) {}

    /**
     * @param batches training batches, from where {@code progress} stands
     * @param progress where to begin; {@link TrainingProgress#START} unless a checkpoint is resumed
     */
    public TrainingLoop(
            Parts parts,
            Iterator<Batch> batches,
            TrainingSettings settings,
            List<TrainingListener> listeners,
            TrainingProgress progress) {
        this.parts = parts;
        this.batches = batches;
        this.settings = settings;
        this.listeners = List.copyOf(listeners);
        this.progress = progress;
    }

    /** Trains until the steps are done or the time is up. */
    public void run() {
        parts.model().network().train(true);
        while (scheduleStep() < settings.steps()) {
            long start = System.nanoTime();
            List<Batch> taken = take(settings.accumulation());
            double rate = parts.schedule().rate(scheduleStep());
            long tokens = taken.stream().mapToLong(Batch::tokens).sum();
            double loss = 0;
            for (Batch batch : taken) {
                loss += accumulate(batch, tokens);
            }
            requireFinite("loss", loss);
            double norm = parts.optimizer().clip(
                    settings.clipNorm() > 0 ? settings.clipNorm() : Double.POSITIVE_INFINITY);
            requireFinite("norm of the gradients", norm);
            parts.optimizer().step(rate);
            parts.optimizer().clearGradients();
            double seconds = (System.nanoTime() - start) / 1e9;
            StepReport report = new StepReport(progress.step() + 1, loss, rate, norm, tokens, seconds);
            progress = progress.after(report, taken.size());
            listeners.forEach(listener -> listener.afterStep(this, report));
        }
        parts.model().network().train(false);
        listeners.forEach(listener -> listener.afterTraining(this));
    }

    /** Forward and backward pass of one batch; its gradients add up. Returns its share of the step's mean loss. */
    private double accumulate(Batch batch, long tokensOfStep) {
        return Scopes.get(() -> {
            if (!settings.gradientCheckpointing()) {
                Tensor share = share(batch, tokensOfStep);
                share.backward();
                return share.item_double();
            }
            try (GradientCheckpoints checkpoints = new GradientCheckpoints()) {
                Tensor share = share(batch, tokensOfStep);
                checkpoints.backward(share);
                return share.item_double();
            }
        });
    }

    private Tensor share(Batch batch, long tokensOfStep) {
        Tensor sum = settings.precision().compute(() -> parts.objective().loss(parts.model(), batch).sum());
        return sum.div(new Scalar((double) tokensOfStep));
    }

    /** A step with such a number would spoil the parameters, and the next checkpoint with them. */
    private void requireFinite(String what, double value) {
        if (!Double.isFinite(value)) {
            throw new JformersException("training: the " + what + " is " + value + " at step " + (progress.step() + 1)
                    + "; a lower learning rate, a longer warm-up or clipping may help");
        }
    }

    private List<Batch> take(int count) {
        List<Batch> taken = new ArrayList<>();
        while (taken.size() < count) {
            taken.add(batches.next());
        }
        return taken;
    }

    /**
     * Where the schedule stands: the number of steps done, or further if time runs faster than steps, so that a run on
     * a slow machine still ends with the rate it was meant to end with.
     */
    private double scheduleStep() {
        double limit = settings.maxDuration().toMillis() / 1e3;
        return limit == 0 ? progress.step() : Math.max(progress.step(), settings.steps() * progress.seconds() / limit);
    }

    /** How many steps it will be: those that are set, or as many as time allows at the pace so far. */
    public long expectedSteps() {
        if (progress.step() == 0) {
            return settings.steps();
        }
        // The last step may end after the time is up.
        return Math.max(progress.step(), Math.round(progress.step() * (settings.steps() / scheduleStep())));
    }

    public Parts parts() {
        return parts;
    }

    public TrainingProgress progress() {
        return progress;
    }

    public TrainingSettings settings() {
        return settings;
    }
}
