package org.jformers.task;

import static org.jformers.task.Checks.atLeast;

import org.jformers.data.MaskedPairs;
import org.jformers.data.MaskedTexts;
import org.jformers.data.Sentences;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.settings.Setting;

/**
 * Hidden tokens of a text, from both sides: an encoder learns the language of a field before it learns a task there.
 */
public record MaskedLanguageModel(
        TextData data,
        @Setting("rows of a batch, >= 1") int batch,
        @Setting("tokens of a row at most, special ones counted; longer texts go on in further rows; 0 for as many as"
                + " the model can read, 512 if more")
                int maxLength,
        @Setting("share of the tokens that are hidden, in (0, 1]") double maskShare,
        @Setting("what is hidden together: tokens (each by itself), words, or spans of words") MaskedTexts.Unit hidden,
        @Setting("what is asked beside of two stretches of text: none, next_sentence (whether the second follows, as"
                + " BERT) or sentence_order (whether they are in order, as ALBERT); a text is then a document")
                Pairs pairs,
        @Setting("what a sentence is for pairs: marks (up to a mark at its end) or lines") Sentences sentences,
        Evaluation evaluation)
        implements TrainingTask {

    /** What is asked of two stretches of text. */
    public enum Pairs {
        /** Nothing: rows are single texts. */
        NONE,
        /** See {@link MaskedPairs.Relation#NEXT_SENTENCE}. */
        NEXT_SENTENCE,
        /** See {@link MaskedPairs.Relation#SENTENCE_ORDER}. */
        SENTENCE_ORDER
    }

    /** How the result is shown. */
    public record Evaluation(@Setting("held-out texts in the report, with their hidden tokens") int samples) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "masked-lm";
        }

        @Override
        public TrainingTask defaults() {
            return new MaskedLanguageModel(
                    TextData.defaults(), 32, 0, 0.15, MaskedTexts.Unit.TOKENS, Pairs.NONE, Sentences.MARKS,
                    new Evaluation(8));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "masked-lm");
        data.check();
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        if (!(maskShare > 0 && maskShare <= 1)) {
            throw new ExperimentException("task.mask_share: got " + maskShare + ", allowed above 0, up to 1");
        }
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedMaskedLanguageModel(this, start, console);
    }
}
