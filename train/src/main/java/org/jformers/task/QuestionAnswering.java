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

/** The stretch of a context that answers a question, or that there is none. */
public record QuestionAnswering(
        Data data,
        @Setting("windows of a batch, >= 1") int batch,
        @Setting("tokens of a window at most, special ones and the question counted; 0 for 384, or as many as the model"
                        + " can read")
                int maxLength,
        @Setting("tokens of the context that neighbouring windows share; where a window holds no more, half of what it"
                        + " holds")
                int stride,
        @Setting("the figure of the result and of the best checkpoint: f1 or exact") Measure measure,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where questions come from. */
    public record Data(
            @Setting("file to train on: JSON as SQuAD 1.1 and 2.0 have it, or a table: CSV, TSV, JSONL or Parquet;"
                            + " also .gz")
                    @Nullable String train,
            @Setting("file to watch the run on; null for a tenth of the contexts to train on")
                    @Nullable String validation,
            @Setting("file to measure the result on; null for the questions to watch the run on") @Nullable String test,
            @Setting("column of the question, in a table") String question,
            @Setting("column of the context, in a table") String context,
            @Setting("column of the answer, which stands in the context; blank where the context has none")
                    String answer,
            @Setting("column of the place of the answer's first character, from 0; null for the first place where the"
                            + " answer stands")
                    @Nullable String answerStart) {}

    /** How answers are found and shown. */
    public record Evaluation(
            @Setting("worst examples in the report") int samples,
            @Setting("beginnings and ends of a window that are combined, the best ones, >= 1") int nBest,
            @Setting("tokens of an answer at most, >= 1") int maxAnswerLength,
            @Setting("there is no answer where its score is higher by more than this") double nullThreshold) {}

    /** A figure of answers. */
    public enum Measure {
        EXACT,
        F1
    }

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "question-answering";
        }

        @Override
        public TrainingTask defaults() {
            return new QuestionAnswering(new Data(null, null, null, "question", "context", "answer", null), 16, 0, 128,
                    Measure.F1, new Evaluation(20, 20, 30, 0));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "question-answering");
        named("task.data.train", data.train());
        named("task.data.question", data.question());
        named("task.data.context", data.context());
        named("task.data.answer", data.answer());
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.stride", stride, 0);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
        atLeast("task.evaluation.n_best", evaluation.nBest(), 1);
        atLeast("task.evaluation.max_answer_length", evaluation.maxAnswerLength(), 1);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedQuestionAnswering(this, start, console);
    }
}
