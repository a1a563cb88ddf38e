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

/** How relevant a text is to a query: a model that reads both and gives one score. */
public record Reranking(
        Data data,
        @Setting("rows of a batch, >= 1") int batch,
        @Setting("tokens of a row at most, special ones counted; 0 for as many as the model can read") int maxLength,
        @Setting("binary_cross_entropy, for labels and scores from 0 to 1; mse, for scores of any size") Loss loss,
        @Setting("the figure of the result and of the best checkpoint: mrr (at 10); accuracy or average_precision"
                        + " where labels are 0 and 1; spearman where they are scores")
                Measure measure,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where rows come from. */
    public record Data(
            @Setting("file to train on: CSV, TSV, JSONL or Parquet, also .gz") @Nullable String train,
            @Setting("file to watch the run on; null for a tenth of the queries to train on")
                    @Nullable String validation,
            @Setting("file to measure the result on; null for the rows to watch the run on") @Nullable String test,
            @Setting("column of the query") String query,
            @Setting("column of the text") String text,
            @Setting("column of the label (1 for relevant, 0 for not) or of the score") String label) {}

    /** How the result is shown. */
    public record Evaluation(
            @Setting("worst examples in the report") int samples,
            @Setting("a text is relevant to its query if its label or score is at least this") double relevant) {}

    /** What is made small. */
    public enum Loss {
        BINARY_CROSS_ENTROPY,
        MSE
    }

    /** A figure of a model that ranks. */
    public enum Measure {
        MRR,
        ACCURACY,
        AVERAGE_PRECISION,
        SPEARMAN
    }

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "reranking";
        }

        @Override
        public TrainingTask defaults() {
            return new Reranking(new Data(null, null, null, "query", "text", "label"), 32, 0,
                    Loss.BINARY_CROSS_ENTROPY, Measure.MRR, new Evaluation(20, 0.5));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "reranking");
        named("task.data.train", data.train());
        named("task.data.query", data.query());
        named("task.data.text", data.text());
        named("task.data.label", data.label());
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedReranking(this, start, console);
    }
}
