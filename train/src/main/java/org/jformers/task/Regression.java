package org.jformers.task;

import static org.jformers.task.Checks.atLeast;
import static org.jformers.task.Checks.named;

import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.settings.Setting;
import org.jspecify.annotations.Nullable;

/** A number for a text, or for a pair of texts. */
public record Regression(
        Data data,
        @Setting("rows of a batch, >= 1") int batch,
        @Setting("tokens of a row at most, special ones counted; 0 for as many as the model can read") int maxLength,
        @Setting("the figure of the result and of the best checkpoint: pearson, spearman, mse or mae") Measure measure,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where rows come from. */
    public record Data(
            @Setting("file to train on: CSV, TSV, JSONL or Parquet, also .gz") @Nullable String train,
            @Setting("file to watch the run on; null for a tenth of the rows to train on") @Nullable String validation,
            @Setting("file to measure the result on; null for the rows to watch the run on") @Nullable String test,
            @Setting("column of the text") String text,
            @Setting("column of a second text that makes a pair with the first; null for none") @Nullable String pair,
            @Setting("column of the number") String label) {}

    /** How the result is shown. */
    public record Evaluation(@Setting("worst examples in the report") int samples) {}

    /** How predicted numbers follow true ones. */
    public enum Measure {
        PEARSON,
        SPEARMAN,
        MSE,
        MAE
    }

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "regression";
        }

        @Override
        public TrainingTask defaults() {
            return new Regression(
                    new Data(null, null, null, "text", null, "label"), 32, 0, Measure.PEARSON, new Evaluation(20));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "regression");
        named("task.data.train", data.train());
        named("task.data.text", data.text());
        named("task.data.label", data.label());
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedRegression(this, start, console);
    }
}
