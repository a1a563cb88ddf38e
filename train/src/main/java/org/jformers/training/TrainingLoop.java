package org.jformers.training;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.nn.Parameter;
import org.jformers.nn.stack.GradientCheckpoints;
import org.jformers.objective.Objective;
import org.jformers.optim.Gradients;
import org.jformers.optim.Optimizer;
import org.jformers.optim.Schedule;
import org.jformers.tensor.Scopes;

/** Trains a model. {@link #run} is all of it; logs, checkpoints and evaluation are {@link TrainingListener}s. */
public final class TrainingLoop {
    private final Parts parts;
    private final Iterator<Batch> batches;
    private final TrainingSettings settings;
    private final List<TrainingListener> listeners;
    private final LongSupplier nanos;
    private TrainingProgress progress;
    private volatile boolean stopped;
    private volatile boolean finished;

    /**
     * What is trained, for what and how.
     *
     * @param trained the model, or whatever else has parameters
     * @param objective the loss
     * @param optimizer changes the parameters
     * @param schedule the learning rate
     */
    public record Parts(Trainable trained, Objective objective, Optimizer optimizer, Schedule schedule) {}

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
        this(parts, batches, settings, listeners, progress, System::nanoTime);
    }

    /** With a clock of the caller's, in nanoseconds. */
    TrainingLoop(
            Parts parts,
            Iterator<Batch> batches,
            TrainingSettings settings,
            List<TrainingListener> listeners,
            TrainingProgress progress,
            LongSupplier nanos) {
        this.nanos = nanos;
        this.parts = parts;
        this.batches = batches;
        this.settings = settings;
        if (settings.steps() < 1) {
            throw new IllegalArgumentException("training: the number of steps must be known, got " + settings.steps());
        }
        this.listeners = List.copyOf(listeners);
        this.progress = progress;
    }

    /** Trains until the steps are done, the time is up, or somebody stops it. */
    public void run() {
        parts.trained().train(true);
        Collection<Parameter> parameters = parts.trained().parameters().values();
        double limit = settings.clipNorm() > 0 ? settings.clipNorm() : Double.POSITIVE_INFINITY;
        while (!stopped && !finished && scheduleStep() < settings.steps()) {
            long start = nanos.getAsLong();
            List<Batch> taken = take(settings.accumulation());
            double rate = parts.schedule().rate(scheduleStep());
            long labels = taken.stream().mapToLong(Batch::labels).sum();
            Map<String, Double> terms = new LinkedHashMap<>();
            for (Batch batch : taken) {
                accumulate(batch, taken, terms);
            }
            double loss = terms.values().stream().mapToDouble(Double::doubleValue).sum();
            double norm = Gradients.clip(parameters, limit);
            if (Double.isFinite(loss) && Double.isFinite(norm)) {
                parts.optimizer().step(rate);
            } else {
                skip(loss, norm);
            }
            Gradients.clear(parameters);
            double seconds = (nanos.getAsLong() - start) / 1e9;
            StepReport report = new StepReport(progress.step() + 1, loss, terms, rate, norm, labels, seconds);
            progress = progress.after(report, taken.size());
            listeners.forEach(listener -> listener.afterStep(this, report));
        }
        parts.trained().train(false);
        listeners.forEach(listener -> listener.afterTraining(this));
    }

    /** Ends the run after the step that is under way. On any thread. */
    public void stop() {
        stopped = true;
    }

    /** Makes the step that is under way the last one, where nothing is left to learn. On any thread. */
    public void finish() {
        finished = true;
    }

    /** Whether the run was stopped before its end. */
    public boolean stopped() {
        return stopped;
    }

    /** Forward and backward pass of one batch of a step; its gradients add up, and its shares of the terms. */
    private void accumulate(Batch batch, List<Batch> step, Map<String, Double> terms) {
        Scopes.run(() -> {
            if (!settings.gradientCheckpointing()) {
                share(batch, step, terms).backward();
                return;
            }
            try (GradientCheckpoints checkpoints = new GradientCheckpoints()) {
                checkpoints.backward(share(batch, step, terms));
            }
        });
    }

    /** What a batch adds to the loss of its step: the sum of each term over the term's count in all batches. */
    private Tensor share(Batch batch, List<Batch> step, Map<String, Double> terms) {
        Loss loss = settings.precision().compute(() -> parts.objective().loss(batch));
        Tensor share = null;
        for (Loss.Term term : loss.terms()) {
            double count = step.stream().mapToDouble(one -> parts.objective().count(one, term.name())).sum();
            Tensor part = term.sum().div(new Scalar(count / term.weight()));
            terms.merge(term.name(), part.item_double(), Double::sum);
            share = share == null ? part : share.add(part);
        }
        return Objects.requireNonNull(share, "a loss has at least one term");
    }

    /**
     * Leaves a step out that would spoil the parameters, and the next checkpoint with them; refuses to where that was
     * done as often as it may be.
     */
    private void skip(double loss, double norm) {
        if (progress.skipped() >= settings.skips()) {
            throw new JformersException("training: the "
                    + (Double.isFinite(loss) ? "norm of the gradients is " + norm : "loss is " + loss)
                    + " at step " + (progress.step() + 1)
                    + (progress.skipped() == 0 ? "" : ", after " + progress.skipped() + " steps that were left out")
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
