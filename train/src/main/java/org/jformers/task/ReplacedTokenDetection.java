package org.jformers.task;

import static org.jformers.task.Checks.atLeast;

import org.jformers.data.MaskedTexts;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.settings.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that a small generator has replaced, for a discriminator to find: how ELECTRA is pretrained. Both are trained
 * in one run and share the tables of the entrance.
 */
public record ReplacedTokenDetection(
        TextData data,
        @Setting("model for hidden tokens that replaces them: a folder, an id of the hub, a short name or mvn:...; null"
                + " for a new one")
                @Nullable String generator,
        @Setting("width of a new generator as a share of the model's, in (0, 1]") double generatorSize,
        @Setting("rows of a batch, >= 1") int batch,
        @Setting("tokens of a row at most, special ones counted; longer texts go on in further rows; 0 for as many as"
                + " the model can read, 512 if more")
                int maxLength,
        @Setting("share of the tokens that are hidden from the generator, in (0, 1]") double maskShare,
        @Setting("what is hidden together: tokens (each by itself), words, or spans of words") MaskedTexts.Unit hidden,
        @Setting("of the discriminator's loss beside the generator's, > 0") double weight)
        implements TrainingTask {

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "replaced-tokens";
        }

        @Override
        public TrainingTask defaults() {
            return new ReplacedTokenDetection(
                    TextData.defaults(), null, 0.25, 32, 0, 0.15, MaskedTexts.Unit.TOKENS, 50);
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "replaced-tokens");
        data.check();
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        share("task.mask_share", maskShare);
        share("task.generator_size", generatorSize);
        if (!(weight > 0)) {
            throw new ExperimentException("task.weight: got " + weight + ", allowed > 0");
        }
        if (experiment.model().lora().isPresent()) {
            throw new ExperimentException("model.lora: got an adapter for two models that are trained together, allowed"
                    + " null");
        }
    }

    private static void share(String path, double got) {
        if (!(got > 0 && got <= 1)) {
            throw new ExperimentException(path + ": got " + got + ", allowed above 0, up to 1");
        }
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedReplacedTokenDetection(this, start, console);
    }
}
