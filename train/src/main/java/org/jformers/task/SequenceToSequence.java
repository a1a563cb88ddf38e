package org.jformers.task;

import static org.jformers.task.Checks.atLeast;
import static org.jformers.task.Checks.named;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jformers.data.DataFile;
import org.jformers.data.DataSource;
import org.jformers.data.ParallelTextSource;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.model.Task;
import org.jformers.settings.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Pronunciation, translation, summaries and the like: one text in, another one out. A pretrained encoder-decoder goes
 * on to learn, with the tokenizer of its folder, or a new one, over a vocabulary made from the data.
 */
public record SequenceToSequence(
        Data data,
        @Setting("how text becomes tokens of a new model; null for the tokenizer of the model to start from")
                Optional<Vocabulary> tokenizer,
        @Setting("pairs of a batch at most; 0 for as many as batches.tokens has room for") int batch,
        Batches batches,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where rows come from and which are held out. */
    public record Data(
            @Setting("pairs to train on: a CSV, TSV, JSONL or Parquet file; two text files that correspond line by"
                    + " line, with a comma between; a corpus such as cmudict; or parallel (text files under dir)")
                    @Nullable String train,
            @Setting("pairs to watch the run on, a file or two; null for some of those to train on")
                    @Nullable String validation,
            @Setting("pairs to measure the result on; null for some of those to train on, or those to watch the run on")
                    @Nullable String test,
            @Setting("folder of parallel text; null for other sources") @Nullable String dir,
            @Setting("column of the source sequence; for parallel text its language") String sourceColumn,
            @Setting("column of the target sequence, or its language") String targetColumn,
            @Setting("text before each source, such as T5's \"translate English to German: \"; null for none")
                    @Nullable String prefix,
            @Setting("the source's code, such as en_XX, for tokenizers of many languages; null for others")
                    @Nullable String sourceLanguage,
            @Setting("the target's code, such as de_DE, for tokenizers of many languages; null for others")
                    @Nullable String targetLanguage,
            @Setting("rows held out to watch the run where no file is named; 0 for a tenth") int validationRows,
            @Setting("rows held out for the result where no file is named; 0 for those to watch the run on")
                    int testRows) {
        /** The source that is a folder of text files. */
        static final String PARALLEL = "parallel";

        boolean isParallel() {
            return PARALLEL.equals(train);
        }

        /** A file, or two with a comma between. */
        DataSource source(String file) {
            int comma = file.indexOf(',');
            if (comma < 0 || Files.exists(Path.of(file))) {
                return DataSource.of(Path.of(file));
            }
            Map<String, DataFile> files = new LinkedHashMap<>();
            files.put(sourceColumn, DataFile.of(Path.of(file.substring(0, comma).strip())));
            files.put(targetColumn, DataFile.of(Path.of(file.substring(comma + 1).strip())));
            return new ParallelTextSource(files);
        }

        private void check() {
            named("task.data.train", train);
            named("task.data.source_column", sourceColumn);
            named("task.data.target_column", targetColumn);
            if (sourceColumn.equals(targetColumn)) {
                throw new ExperimentException("task.data.target_column: got " + targetColumn
                        + ", which is the source_column too, allowed another one");
            }
            if (!isParallel()) {
                Checks.heldOut("validation", validation, validationRows);
                Checks.heldOut("test", test, testRows);
            } else if (validation != null || test != null) {
                throw new ExperimentException("task.data." + (validation != null ? "validation" : "test")
                        + ": got a file for parallel text, which has its own in dir, allowed null");
            }
        }
    }

    /** How text becomes tokens. */
    public record Vocabulary(
            @Setting("characters, symbols (between spaces) or byte_bpe") Kind source,
            @Setting("the same for the target; both sides share one vocabulary") Kind target,
            @Setting("largest vocabulary of byte_bpe, special tokens included") int vocabSize) {

        /** What one token is. */
        public enum Kind {
            CHARACTERS,
            SYMBOLS,
            BYTE_BPE
        }

        private void check() {
            boolean bytes = source == Kind.BYTE_BPE;
            if (bytes != (target == Kind.BYTE_BPE)) {
                throw new ExperimentException("task.tokenizer: got byte_bpe on one side only, allowed on both sides,"
                        + " which share their vocabulary");
            }
            if (bytes) {
                atLeast("task.tokenizer.vocab_size", vocabSize, Checks.BYTES + NewPairs.SPECIAL_TOKENS.size());
            }
        }
    }

    /** How examples become batches. */
    public record Batches(
            @Setting("tokens of a batch, padding counted") int tokens,
            @Setting("longest source, special tokens counted; longer pairs are left out") int maxSourceLength,
            @Setting("longest target; longer pairs are left out") int maxTargetLength,
            @Setting("pairs among which those of like length are sought") int pool) {

        private void check() {
            atLeast("task.batches.max_target_length", maxTargetLength, 1);
            atLeast("task.batches.max_source_length", maxSourceLength, 1);
            atLeast("task.batches.pool", pool, 1);
            int longest = maxSourceLength + maxTargetLength;
            if (tokens < longest) {
                throw new ExperimentException("task.batches.tokens: got " + tokens + ", allowed >= " + longest
                        + ", which max_source_length (" + maxSourceLength + ") and max_target_length ("
                        + maxTargetLength + ") need");
            }
        }
    }

    /** How the trained model is measured. */
    public record Evaluation(
            @Setting("the figure of the result and of the best checkpoint: bleu, chrf, rouge (ROUGE-L) or error_rate")
                    Measure measure,
            @Setting("validation rows that are written, greedily, for the figure of the best checkpoint; 0 for the"
                    + " lowest loss instead")
                    int generatedRows,
            @Setting("beams of the final search; 1 is greedy") int beams,
            @Setting("exponent of the length in beam scores") double lengthPenalty,
            @Setting("held-out rows shown in the report") int samples) {

        /** Which figure is the result. */
        public enum Measure {
            ERROR_RATE,
            BLEU,
            CHRF,
            ROUGE
        }

        private void check() {
            atLeast("task.evaluation.generated_rows", generatedRows, 0);
            atLeast("task.evaluation.beams", beams, 1);
            atLeast("task.evaluation.samples", samples, 0);
        }
    }

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "sequence-to-sequence";
        }

        @Override
        public TrainingTask defaults() {
            return new SequenceToSequence(
                    new Data(null, null, null, null, "source", "target", null, null, null, 0, 0), Optional.empty(), 32,
                    new Batches(8192, 128, 128, 20_000), new Evaluation(Evaluation.Measure.BLEU, 200, 4, 1.0, 24));
        }
    }

    @Override
    public void check(Experiment experiment) {
        data.check();
        atLeast("task.batch", batch, 0);
        tokenizer.ifPresent(Vocabulary::check);
        if (tokenizer.isPresent() == (experiment.model().from() != null)) {
            throw new ExperimentException(tokenizer.isPresent()
                    ? "task.tokenizer: got one with a model to start from, whose tokenizer stays, allowed null"
                    : "task.tokenizer: got null without a model to start from, allowed how text becomes tokens");
        }
        tokenizer.ifPresent(vocabulary -> {
            int size = vocabulary.source() == Vocabulary.Kind.BYTE_BPE ? vocabulary.vocabSize() : Checks.SYMBOLS;
            Checks.model(experiment,
                    VocabularyKeys.sequenceToSequence(experiment.model().config(), size, 0, 1, 2), Task.SEQ2SEQ_LM);
        });
        batches.check();
        if (tokenizer.isPresent()) {
            Checks.positions("task.batches.max_source_length", batches.maxSourceLength(), experiment.model().config());
            Checks.positions("task.batches.max_target_length", batches.maxTargetLength(), experiment.model().config());
        }
        evaluation.check();
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedSequenceToSequence(this, start, console);
    }
}
