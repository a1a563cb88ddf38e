package org.jformers.task;

import static org.jformers.task.Checks.atLeast;

import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.model.Task;
import org.jformers.settings.Setting;

/**
 * Plain text that is spoiled in some way, for an encoder-decoder to put it right: how T5 and BART are pretrained. What
 * is learned is where summaries, translations and the like start from.
 */
public record Denoising(
        TextData data,
        @Setting("largest vocabulary of byte-level BPE for a new model, special tokens included; 0 for the tokenizer of"
                + " the model to start from")
                int vocabSize,
        @Setting("rows of a batch, >= 1") int batch,
        @Setting("tokens of a row at most; longer texts go on in further rows; 0 for as many as the model can read, 512"
                + " if more")
                int maxLength,
        @Setting("spans (T5), prefix, masking, deletion, infilling, permutation (of sentences), rotation, or bart:"
                + " permutation, then infilling")
                Kind noise,
        @Setting("share of the tokens that are hidden or left out, in (0, 1): 0.15 for spans, 0.3 for infilling")
                double share,
        @Setting("mean length of spans, >= 1") double meanSpan,
        Evaluation evaluation)
        implements TrainingTask {

    /** What is done to the text; see {@link org.jformers.data.Noise}. */
    public enum Kind {
        SPANS,
        PREFIX,
        MASKING,
        DELETION,
        INFILLING,
        PERMUTATION,
        ROTATION,
        BART
    }

    /** How the result is shown. */
    public record Evaluation(@Setting("held-out texts in the report, as they were read and written") int samples) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "denoising";
        }

        @Override
        public TrainingTask defaults() {
            return new Denoising(TextData.defaults(), 0, 32, 0, Kind.SPANS, 0.15, 3, new Evaluation(8));
        }
    }

    @Override
    public void check(Experiment experiment) {
        data.check();
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
        if (!(share > 0 && share < 1)) {
            throw new ExperimentException("task.share: got " + share + ", allowed in (0, 1)");
        }
        if (!(meanSpan >= 1)) {
            throw new ExperimentException("task.mean_span: got " + meanSpan + ", allowed >= 1");
        }
        if (experiment.model().from() != null) {
            if (vocabSize != 0) {
                throw new ExperimentException("task.vocab_size: got " + vocabSize + " with a model to start from, whose"
                        + " tokenizer stays, allowed 0");
            }
            return;
        }
        atLeast("task.vocab_size", vocabSize, Checks.BYTES + DenoisingModel.SPECIAL_TOKENS.size());
        Checks.model(experiment, VocabularyKeys.sequenceToSequence(
                experiment.model().config(), vocabSize, 0, 1, 2), Task.SEQ2SEQ_LM);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedDenoising(this, start, console);
    }
}
