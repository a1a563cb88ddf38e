package org.jformers.task;

import static org.jformers.task.Checks.atLeast;
import static org.jformers.task.Checks.named;

import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.model.Task;
import org.jformers.settings.Setting;

/** The next token of a text, over a byte-level BPE vocabulary made from the data. */
public record CausalLanguageModel(
        Data data,
        @Setting("largest vocabulary of byte-level BPE, the end-of-text token included") int vocabSize,
        Batches batches,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where texts come from and which are held out. */
    public record Data(
            @Setting("a corpus such as wordnet, or a CSV, TSV, JSONL, Parquet or text file") String source,
            @Setting("column of the text") String column,
            @Setting("rows held out to watch the loss") int validationRows,
            @Setting("rows held out for the final result") int testRows) {}

    /** How texts become batches: blocks cut from one stream. */
    public record Batches(
            @Setting("blocks of a batch, >= 1") int blocks,
            @Setting("tokens of a block, >= 1") int length) {}

    /** How the trained model is shown; it is measured in bits per byte of held-out text. */
    public record Evaluation(@Setting("held-out texts that the report has continued by the model") int samples) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "causal-lm";
        }

        @Override
        public TrainingTask defaults() {
            return new CausalLanguageModel(
                    new Data(null, "text", 1000, 1000), 8192, new Batches(16, 128), new Evaluation(8));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.newModel(experiment, "causal-lm");
        named("task.data.source", data.source());
        named("task.data.column", data.column());
        atLeast("task.data.validation_rows", data.validationRows(), 1);
        atLeast("task.data.test_rows", data.testRows(), 1);
        atLeast("task.vocab_size", vocabSize, Checks.BYTES + 1);
        Checks.model(experiment,
                VocabularyKeys.languageModel(experiment.model().config(), vocabSize, 0), Task.CAUSAL_LM);
        atLeast("task.batches.blocks", batches.blocks(), 1);
        atLeast("task.batches.length", batches.length(), 1);
        Checks.positions("task.batches.length", batches.length(), experiment.model().config());
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedCausalLanguageModel(this, start, console);
    }
}
