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

/** A class for a text, or for a pair of texts: one of several, or any number of them. */
public record TextClassification(
        Data data,
        @Setting("rows of a batch, >= 1") int batch,
        @Setting("tokens of a row at most, special ones counted; 0 for as many as the model can read") int maxLength,
        @Setting("null; balanced, by how rare a class is; or weights such as positive=2,negative=1")
                @Nullable String classWeights,
        @Setting("the figure of the result and of the best checkpoint: accuracy, f1 (macro) or matthews")
                Measure measure,
        @Setting("of the next tokens of the texts beside their classes, for decoders: 0.5 as GPT; 0 for none")
                double auxiliary,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where rows come from. */
    public record Data(
            @Setting("file to train on: CSV, TSV, JSONL or Parquet, also .gz") @Nullable String train,
            @Setting("file to watch the run on; null for a tenth of the rows to train on") @Nullable String validation,
            @Setting("file to measure the result on; null for the rows to watch the run on") @Nullable String test,
            @Setting("column of the text") String text,
            @Setting("column of a second text that makes a pair with the first; null for none") @Nullable String pair,
            @Setting("column of the label") String label,
            @Setting("what stands between the labels of a row that may have several; null for one each")
                    @Nullable String multiLabel) {}

    /** How the result is shown. */
    public record Evaluation(@Setting("worst examples in the report") int samples) {}

    /** A figure of a classifier. */
    public enum Measure {
        ACCURACY,
        F1,
        MATTHEWS
    }

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "text-classification";
        }

        @Override
        public TrainingTask defaults() {
            return new TextClassification(new Data(null, null, null, "text", null, "label", null), 32, 0, null,
                    Measure.ACCURACY, 0, new Evaluation(20));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "text-classification");
        named("task.data.train", data.train());
        named("task.data.text", data.text());
        named("task.data.label", data.label());
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
        if (data.multiLabel() != null && classWeights != null) {
            throw new ExperimentException("task.class_weights: got " + classWeights
                    + " for rows of several labels, allowed null");
        }
        if (!(auxiliary >= 0 && Double.isFinite(auxiliary))) {
            throw new ExperimentException("task.auxiliary: got " + auxiliary + ", allowed >= 0");
        }
        if (auxiliary > 0 && classWeights != null) {
            throw new ExperimentException("task.class_weights: got " + classWeights
                    + " beside task.auxiliary, allowed null");
        }
        if (auxiliary > 0 && experiment.training().labelSmoothing() > 0) {
            throw new ExperimentException("training.label_smoothing: got " + experiment.training().labelSmoothing()
                    + " beside task.auxiliary, allowed 0");
        }
        if (auxiliary > 0 && experiment.model().teacher().isPresent()) {
            throw new ExperimentException("model.teacher: got one beside task.auxiliary, allowed null");
        }
        if (data.multiLabel() != null && measure == Measure.MATTHEWS) {
            throw new ExperimentException("task.measure: got matthews for rows of several labels, allowed"
                    + " accuracy, f1");
        }
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedTextClassification(this, start, console);
    }
}
