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

/** Which of several choices is the right one for a text: an answer to a question, an end of a story. */
public record MultipleChoice(
        Data data,
        @Setting("questions of a batch, each with all its choices, >= 1") int batch,
        @Setting("tokens of a question with a choice at most, special ones counted; 0 for as many as the model can"
                        + " read")
                int maxLength,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where questions come from. */
    public record Data(
            @Setting("file to train on: CSV, TSV, JSONL or Parquet, also .gz") @Nullable String train,
            @Setting("file to watch the run on; null for a tenth of the questions to train on")
                    @Nullable String validation,
            @Setting("file to measure the result on; null for the questions to watch the run on") @Nullable String test,
            @Setting("column of the question; null for files like SWAG's: sent1, sent2, ending0 and on, label")
                    @Nullable String text,
            @Setting("column of a text that each choice goes on with; null for none") @Nullable String start,
            @Setting("columns of the choices, such as a,b,c,d, the last of them blank in rows with fewer; or one column"
                            + " of lists")
                    @Nullable String choices,
            @Setting("column of the right choice: its number from 0, its letter, or its text") String label,
            @Setting("names of the columns, such as question,a,b,c,d,answer, of CSV and TSV files whose first line does"
                            + " not name them; null where it does")
                    @Nullable String columns) {}

    /** How the result is shown. */
    public record Evaluation(@Setting("worst examples in the report") int samples) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "multiple-choice";
        }

        @Override
        public TrainingTask defaults() {
            return new MultipleChoice(
                    new Data(null, null, null, null, null, null, "label", null), 16, 0, new Evaluation(20));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "multiple-choice");
        named("task.data.train", data.train());
        named("task.data.label", data.label());
        if ((data.text() == null) != (data.choices() == null)) {
            throw new ExperimentException("task.data.text and task.data.choices: got " + data.text() + " and "
                    + data.choices() + ", allowed: both, or null for files with SWAG's columns");
        }
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedMultipleChoice(this, start, console);
    }
}
