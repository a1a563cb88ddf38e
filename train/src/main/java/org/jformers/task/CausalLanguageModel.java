package org.jformers.task;

import static org.jformers.task.Checks.atLeast;

import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.model.Task;
import org.jformers.settings.Setting;

/**
 * The next token of a text: a pretrained decoder goes on to learn, with the tokenizer of its folder, or a new one, over
 * a byte-level BPE vocabulary made from the data.
 */
public record CausalLanguageModel(
        TextData data,
        @Setting("largest vocabulary of byte-level BPE for a new model, the end-of-text token included; 0 for the"
                + " tokenizer of the model to start from")
                int vocabSize,
        @Setting("rows of a batch, >= 1") int batch,
        @Setting("tokens of a row at most; 0 for as many as the model can read, 1024 if more") int maxLength,
        @Setting("documents: as many in a row as fit, each seen by itself alone; stream: all of them one text, cut"
                + " into rows")
                Packing packing,
        @Setting("tokens of the rows before that a row sees, with packing stream, of models with a memory"
                + " (Transformer-XL); rows then go on from batch to batch; 0 for rows that stand alone")
                int memory,
        @Setting("what of a row is seen from both sides, with packing stream: none, or a random beginning, behind which"
                + " the rest is predicted")
                Prefix prefix,
        Evaluation evaluation)
        implements TrainingTask {

    /** How texts become rows. */
    public enum Packing {
        DOCUMENTS,
        STREAM
    }

    /** What of a row is seen from both sides. */
    public enum Prefix {
        NONE,
        /** See {@link org.jformers.data.PrefixedBlocks}. */
        RANDOM
    }

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
                    TextData.defaults(), 0, 8, 0, Packing.DOCUMENTS, 0, Prefix.NONE, new Evaluation(8));
        }
    }

    @Override
    public void check(Experiment experiment) {
        if (packing == Packing.STREAM) {
            data.checkStored();
        } else {
            data.check();
        }
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        RunMemory.check(experiment, memory);
        if (memory > 0 && packing == Packing.DOCUMENTS) {
            throw new ExperimentException("task.memory: got " + memory + " with packing documents, which do not go on,"
                    + " allowed 0, or task.packing stream");
        }
        if (prefix != Prefix.NONE && (memory > 0 || packing == Packing.DOCUMENTS)) {
            throw new ExperimentException("task.prefix: got random with "
                    + (memory > 0 ? "a memory, allowed none, or task.memory 0"
                            : "packing documents, allowed none, or task.packing stream"));
        }
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
        if (experiment.model().from() != null) {
            if (vocabSize != 0) {
                throw new ExperimentException("task.vocab_size: got " + vocabSize + " with a model to start from, whose"
                        + " tokenizer stays, allowed 0");
            }
            return;
        }
        atLeast("task.vocab_size", vocabSize, Checks.BYTES + 1);
        Checks.model(experiment,
                VocabularyKeys.languageModel(experiment.model().config(), vocabSize, 0), Task.CAUSAL_LM);
        Checks.positions("task.max_length", maxLength, experiment.model().config());
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedCausalLanguageModel(this, start, console);
    }
}
