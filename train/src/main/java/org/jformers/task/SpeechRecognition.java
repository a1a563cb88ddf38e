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

/** What is said in a recording, by connectionist temporal classification. */
public record SpeechRecognition(
        Data data,
        @Setting("recordings of a batch, >= 1") int batch,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where rows come from. */
    public record Data(
            @Setting("CSV, TSV, JSONL or Parquet file of recordings and texts to train on") @Nullable String train,
            @Setting("file to watch the run on; null for a tenth of the recordings to train on")
                    @Nullable String validation,
            @Setting("file to measure the result on; null for the rows to watch the run on") @Nullable String test,
            @Setting("column of paths of WAV files, of any rate, relative to the folder of the file") String sound,
            @Setting("column of what is said") String text) {}

    /** How the result is shown. */
    public record Evaluation(@Setting("recordings in the report, with what was heard") int samples) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "speech-recognition";
        }

        @Override
        public TrainingTask defaults() {
            return new SpeechRecognition(new Data(null, null, null, "sound", "text"), 8, new Evaluation(8));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "speech-recognition");
        named("task.data.train", data.train());
        named("task.data.sound", data.sound());
        named("task.data.text", data.text());
        atLeast("task.batch", batch, 1);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedSpeechRecognition(this, start, console);
    }
}
