package org.jformers.task;

import static org.jformers.task.Checks.atLeast;
import static org.jformers.task.Checks.named;

import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.settings.Setting;
import org.jspecify.annotations.Nullable;

/** A tag for each word of a sentence, such as those of named entities. */
public record TokenClassification(
        Data data,
        @Setting("sentences of a batch, >= 1") int batch,
        @Setting("tokens of a row at most, special ones counted; 0 for as many as the model can read") int maxLength,
        @Setting("null; balanced, by how rare a tag is; or weights such as B-PER=2,O=0.5")
                @Nullable String classWeights,
        @Setting("the figure of the result and of the best checkpoint: f1 (of entities; macro where tags make up"
                + " none) or accuracy (of words)")
                Measure measure,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where sentences come from. */
    public record Data(
            @Setting("file to train on: CoNLL, JSONL, Parquet, CSV or TSV, also .gz") @Nullable String train,
            @Setting("file to watch the run on; null for a tenth of the sentences to train on")
                    @Nullable String validation,
            @Setting("file to measure the result on; null for the sentences to watch the run on") @Nullable String test,
            @Setting("column of the words: a list, or a text with blanks between them; in CoNLL its number; null for"
                    + " CoNLL's first")
                    @Nullable String text,
            @Setting("column of the tags; null for CoNLL's last") @Nullable String label) {}

    /** How the result is shown. */
    public record Evaluation(@Setting("worst examples in the report") int samples) {}

    /** A figure of a tagger. */
    public enum Measure {
        F1,
        ACCURACY
    }

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "token-classification";
        }

        @Override
        public TrainingTask defaults() {
            return new TokenClassification(
                    new Data(null, null, null, null, null), 32, 0, null, Measure.F1, new Evaluation(20));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "token-classification");
        named("task.data.train", data.train());
        if ((data.text() == null) != (data.label() == null)) {
            throw new ExperimentException("task.data: got a column of " + (data.text() == null ? "tags" : "words")
                    + " alone, allowed both or none");
        }
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedTokenClassification(this, start, console);
    }
}
