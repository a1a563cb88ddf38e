package org.jformers.task;

import static org.jformers.task.Checks.atLeast;

import java.util.function.Function;
import org.jformers.data.Batch;
import org.jformers.data.PackedBlocks;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.model.Model;
import org.jformers.objective.Objective;
import org.jformers.objective.SegmentRecurrence;
import org.jformers.objective.StreamMemory;
import org.jformers.tensor.Precision;
import org.jformers.training.HeldOutLoss;
import org.jformers.training.Trainable;
import org.jformers.training.TrainedModel;
import org.jformers.training.TrainedStreams;
import org.jformers.training.ValidationListener;
import org.jspecify.annotations.Nullable;

/** The memory of a run whose rows go on from batch to batch, if it has one; each measurement has its own. */
final class RunMemory implements AutoCloseable {
    private final int tokens;
    private final Function<Model, Objective> without;
    private @Nullable StreamMemory training;

    /**
     * @param tokens that are remembered; 0 for no memory
     * @param without the objective of rows that stand alone
     */
    RunMemory(int tokens, Function<Model, Objective> without) {
        this.tokens = tokens;
        this.without = without;
    }

    /** Refuses a setting that does not fit, before any data is read. */
    static void check(Experiment experiment, int tokens) {
        atLeast("task.memory", tokens, 0);
        if (tokens > 0 && experiment.training().labelSmoothing() > 0) {
            throw new ExperimentException("training.label_smoothing: got " + experiment.training().labelSmoothing()
                    + " with a memory, allowed 0, or task.memory 0");
        }
        if (tokens > 0 && experiment.model().teacher().isPresent()) {
            throw new ExperimentException("model.teacher: got one with a memory, allowed null, or task.memory 0");
        }
    }

    /** Which rows make a batch. */
    PackedBlocks.Order order() {
        return tokens > 0 ? PackedBlocks.Order.STREAMS : PackedBlocks.Order.SHUFFLED;
    }

    /** What is trained; begins without a memory. */
    Trainable trained(Model model) {
        close();
        if (tokens == 0) {
            return new TrainedModel(model);
        }
        StreamMemory memory = new StreamMemory(model, tokens);
        training = memory;
        return new TrainedStreams(new TrainedModel(model), memory);
    }

    /** The loss of what is trained. */
    Objective objective(Model model) {
        return training == null ? without.apply(model) : new SegmentRecurrence(model, training);
    }

    /** What a model that begins without a memory gets on batches. */
    HeldOutLoss measure(Model model, Precision precision, Iterable<Batch> batches) {
        if (tokens == 0) {
            return ValidationListener.measure(new TrainedModel(model), without.apply(model), precision, batches);
        }
        try (StreamMemory memory = new StreamMemory(model, tokens)) {
            return ValidationListener.measure(
                    new TrainedModel(model), new SegmentRecurrence(model, memory), precision, batches);
        }
    }

    @Override
    public void close() {
        if (training != null) {
            training.close();
            training = null;
        }
    }
}
