package org.jformers.task;

import static org.jformers.task.Checks.atLeast;
import static org.jformers.task.Checks.named;

import org.jformers.data.LabelledSequences.Packing;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.settings.Setting;
import org.jspecify.annotations.Nullable;

/** The answers of an assistant, written as the chat template of the model writes conversations. */
public record Chat(
        Data data,
        @Setting("rows of a batch, >= 1") int batch,
        @Setting("tokens of a conversation at most, longer ones are cut; of a row, where several stand in one; 0 for as"
                + " many as the model can read, 1024 if more")
                int maxLength,
        @Setting("documents: as many conversations in a row as fit, each seen by itself alone; none: one in a row")
                Packing packing,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where conversations come from. */
    public record Data(
            @Setting("conversations to train on: JSONL or Parquet; with prompt and answer CSV and TSV too")
                    @Nullable String train,
            @Setting("file to watch the run on; null for a tenth of the rows to train on") @Nullable String validation,
            @Setting("file to measure the result on; null for the rows to watch the run on") @Nullable String test,
            @Setting("column of the messages, a list of objects with role and content; null for messages or"
                    + " conversations, whichever there is")
                    @Nullable String messages,
            @Setting("column of the functions that the assistant may call; null for tools, if there is one")
                    @Nullable String tools,
            @Setting("column of the user's text, in place of messages; null for messages") @Nullable String prompt,
            @Setting("column of the assistant's answer to it; null for messages") @Nullable String answer) {

        boolean pairs() {
            return prompt != null || answer != null;
        }
    }

    /** How the result is shown. */
    public record Evaluation(
            @Setting("held-out conversations that the report has answered by the model") int samples) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "chat";
        }

        @Override
        public TrainingTask defaults() {
            return new Chat(new Data(null, null, null, null, null, null, null), 8, 0, Packing.DOCUMENTS,
                    new Evaluation(8));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "chat");
        named("task.data.train", data.train());
        if (data.pairs()) {
            named("task.data.prompt", data.prompt());
            named("task.data.answer", data.answer());
            if (data.messages() != null) {
                throw new ExperimentException("task.data.messages: got " + data.messages()
                        + " beside prompt and answer, allowed null");
            }
        }
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedChat(this, start, console);
    }
}
