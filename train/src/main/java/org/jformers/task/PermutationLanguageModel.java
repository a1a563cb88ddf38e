package org.jformers.task;

import static org.jformers.task.Checks.atLeast;

import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.settings.Setting;

/**
 * Tokens of a text one after the other in any order, each from those before it in that order, on whichever side they
 * stand: how XLNet is pretrained. Rows see the memory of those before them.
 */
public record PermutationLanguageModel(
        TextData data,
        @Setting("rows of a batch, >= 1") int batch,
        @Setting("tokens of a row, special ones counted; texts stand one behind the other; 0 for as many as the model"
                + " can read, 512 if more")
                int maxLength,
        @Setting("K: one of so many tokens is predicted, >= 1") int context,
        @Setting("tokens at most that are predicted together, >= 1") int longestSpan,
        @Setting("tokens of the rows before that a row sees; rows then go on from batch to batch; 0 for rows that stand"
                + " alone, in random order")
                int memory)
        implements TrainingTask {

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "permutation-lm";
        }

        @Override
        public TrainingTask defaults() {
            return new PermutationLanguageModel(TextData.defaults(), 8, 0, 6, 5, 384);
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "permutation-lm");
        data.check();
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.context", context, 1);
        atLeast("task.longest_span", longestSpan, 1);
        RunMemory.check(experiment, memory);
        if (experiment.model().teacher().isPresent()) {
            throw new ExperimentException("model.teacher: got one for permutation-lm, allowed null");
        }
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedPermutationLanguageModel(this, start, console);
    }
}
