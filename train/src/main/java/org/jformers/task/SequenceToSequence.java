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
import org.jformers.model.Task;
import org.jformers.settings.Setting;

/** Pronunciation, translation and the like: one text in, another one out, over one vocabulary made from the data. */
public record SequenceToSequence(Data data, Vocabulary tokenizer, Batches batches, Evaluation evaluation)
        implements TrainingTask {

    /** Where rows come from and which are held out. */
    public record Data(
            @Setting("a corpus such as cmudict, parallel (text files under dir), or a CSV, TSV, JSONL or Parquet file")
                    String source,
            @Setting("folder of parallel text; null for other sources") String dir,
            @Setting("column of the source sequence; for parallel text its language") String sourceColumn,
            @Setting("column of the target sequence, or its language") String targetColumn,
            @Setting("rows held out to watch the loss; parallel text has files for that") int validationRows,
            @Setting("rows held out for the final result; parallel text has files for that") int testRows) {
        /** The source that is a folder of text files. */
        static final String PARALLEL = "parallel";

        boolean isParallel() {
            return PARALLEL.equals(source);
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
    }

    /** How examples become batches. */
    public record Batches(
            @Setting("tokens of a batch, padding counted") int tokens,
            @Setting("longest source, special tokens counted; longer pairs are left out") int maxSourceLength,
            @Setting("longest target; longer pairs are left out") int maxTargetLength,
            @Setting("pairs among which those of like length are sought") int pool) {}

    /** How the trained model is measured. */
    public record Evaluation(
            @Setting("error_rate or bleu") Metric metric,
            @Setting("beams of the final search; 1 is greedy") int beams,
            @Setting("exponent of the length in beam scores") double lengthPenalty,
            @Setting("held-out rows shown in the report") int samples) {

        /** Which figure is the result. */
        public enum Metric {
            ERROR_RATE,
            BLEU
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
                    new Data(null, null, null, null, 1000, 1000),
                    new Vocabulary(Vocabulary.Kind.BYTE_BPE, Vocabulary.Kind.BYTE_BPE, 8000),
                    new Batches(4096, 128, 128, 20_000),
                    new Evaluation(Evaluation.Metric.BLEU, 4, 1.0, 24));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.newModel(experiment, "sequence-to-sequence");
        checkData();
        checkVocabulary();
        int size = tokenizer.source() == Vocabulary.Kind.BYTE_BPE ? tokenizer.vocabSize() : Checks.SYMBOLS;
        Checks.model(experiment,
                VocabularyKeys.sequenceToSequence(experiment.model().config(), size, 0, 1, 2), Task.SEQ2SEQ_LM);
        checkBatches(experiment);
        atLeast("task.evaluation.beams", evaluation.beams(), 1);
        atLeast("task.evaluation.samples", evaluation.samples(), 0);
    }

    private void checkData() {
        named("task.data.source", data.source());
        named("task.data.source_column", data.sourceColumn());
        named("task.data.target_column", data.targetColumn());
        if (!data.isParallel()) {
            atLeast("task.data.validation_rows", data.validationRows(), 1);
            atLeast("task.data.test_rows", data.testRows(), 1);
        }
    }

    private void checkVocabulary() {
        boolean bytes = tokenizer.source() == Vocabulary.Kind.BYTE_BPE;
        if (bytes != (tokenizer.target() == Vocabulary.Kind.BYTE_BPE)) {
            throw new ExperimentException("task.tokenizer: got byte_bpe on one side only, allowed on both sides, which"
                    + " share their vocabulary");
        }
        if (bytes) {
            atLeast("task.tokenizer.vocab_size", tokenizer.vocabSize(),
                    Checks.BYTES + PreparedSequenceToSequence.SPECIAL_TOKENS.size());
        }
    }

    private void checkBatches(Experiment experiment) {
        atLeast("task.batches.max_target_length", batches.maxTargetLength(), 1);
        atLeast("task.batches.max_source_length", batches.maxSourceLength(), 1);
        atLeast("task.batches.pool", batches.pool(), 1);
        int longest = batches.maxSourceLength() + batches.maxTargetLength();
        if (batches.tokens() < longest) {
            throw new ExperimentException("task.batches.tokens: got " + batches.tokens() + ", allowed >= " + longest
                    + ", which max_source_length (" + batches.maxSourceLength() + ") and max_target_length ("
                    + batches.maxTargetLength() + ") need");
        }
        Checks.positions("task.batches.max_source_length", batches.maxSourceLength(), experiment.model().config());
        Checks.positions("task.batches.max_target_length", batches.maxTargetLength(), experiment.model().config());
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedSequenceToSequence(this, start, console);
    }
}
