package org.jformers.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jformers.data.TokenSequences;
import org.jformers.experiment.Experiment.BatchSettings;
import org.jformers.experiment.Experiment.DataSettings;
import org.jformers.experiment.Experiment.EvaluationSettings;
import org.jformers.experiment.Experiment.EvaluationSettings.Metric;
import org.jformers.experiment.Experiment.Objective;
import org.jformers.experiment.Experiment.RecordSettings;
import org.jformers.experiment.Experiment.ScheduleSettings;
import org.jformers.experiment.Experiment.TokenizerSettings;
import org.jformers.experiment.Experiment.TokenizerSettings.Kind;
import org.jformers.model.AutoConfig;
import org.jformers.model.AutoModel;
import org.jformers.model.Task;

/**
 * Whether the settings of an experiment fit together, asked before any data is read: a run of an hour must not fail at
 * its end. What a part checks by itself (optimizer, schedule, training) is not repeated here.
 */
final class Consistency {
    /** Where families say how many positions they have. */
    private static final List<String> POSITIONS = List.of("max_positions", "n_positions", "max_position_embeddings");

    /** Tokens that every byte-level vocabulary has. */
    private static final int BYTES = 256;

    /** Stands for the size of a vocabulary that only the data tells. */
    private static final int SYMBOLS = 1000;

    private Consistency() {}

    /** @throws ExperimentException naming the first setting that does not fit */
    static void require(Experiment experiment) {
        boolean pairs = experiment.objective() == Objective.SEQUENCE_TO_SEQUENCE;
        requireData(experiment.data(), pairs);
        requireTokenizer(experiment.tokenizer(), pairs);
        requireModel(experiment, pairs);
        requireBatches(experiment.batches(), pairs, experiment.model());
        requireEvaluation(experiment.evaluation(), pairs);
        requireRecords(experiment.records());
        requireSchedule(experiment.schedule(), experiment.training().steps());
    }

    private static void requireSchedule(ScheduleSettings schedule, int steps) {
        if (!(schedule.learningRate() > 0)) {
            throw new ExperimentException(
                    "schedule.learning_rate: got " + schedule.learningRate() + ", allowed > 0");
        }
        boolean ends = schedule.kind() == ScheduleSettings.Kind.LINEAR
                || schedule.kind() == ScheduleSettings.Kind.COSINE;
        if (ends && (schedule.warmupSteps() < 0 || schedule.warmupSteps() > steps)) {
            throw new ExperimentException("schedule.warmup_steps: got " + schedule.warmupSteps()
                    + ", allowed 0 to training.steps (" + steps + ")");
        }
        if (schedule.kind() == ScheduleSettings.Kind.NOAM) {
            atLeast("schedule.warmup_steps", schedule.warmupSteps(), 1);
        }
    }

    private static void requireData(DataSettings data, boolean pairs) {
        set("data.source", data.source());
        set("data.source_column", data.sourceColumn());
        if (pairs) {
            set("data.target_column", data.targetColumn());
        }
        if (!data.source().equals("parallel")) {
            atLeast("data.validation_rows", data.validationRows(), 1);
            atLeast("data.test_rows", data.testRows(), 1);
        }
    }

    private static void requireTokenizer(TokenizerSettings tokenizer, boolean pairs) {
        boolean source = tokenizer.source() == Kind.BYTE_BPE;
        boolean target = tokenizer.target() == Kind.BYTE_BPE;
        if (pairs && source != target) {
            throw new ExperimentException(
                    "tokenizer: got byte_bpe on one side only, allowed on both sides, which share their vocabulary");
        }
        if (!pairs && !source) {
            throw new ExperimentException("tokenizer.source: got " + name(tokenizer.source())
                    + ", allowed byte_bpe for language models");
        }
        if (source) {
            atLeast("tokenizer.vocab_size", tokenizer.vocabSize(),
                    BYTES + (pairs ? SequenceToSequenceRecipe.SPECIAL_TOKENS.size() : 1));
        }
    }

    /** The model that the settings describe, over a vocabulary of about the size that the data will have. */
    private static void requireModel(Experiment experiment, boolean pairs) {
        TokenizerSettings tokenizer = experiment.tokenizer();
        int size = tokenizer.source() == Kind.BYTE_BPE ? tokenizer.vocabSize() : SYMBOLS;
        var config = AutoConfig.parse(
                pairs
                        ? VocabularyKeys.sequenceToSequence(experiment.model(), size, 0, 1, 2)
                        : VocabularyKeys.languageModel(experiment.model(), size, 0),
                "experiment " + experiment.name());
        AutoModel.check(config, pairs ? Task.SEQ2SEQ_LM : Task.CAUSAL_LM);
    }

    private static void requireBatches(BatchSettings batches, boolean pairs, JsonNode model) {
        atLeast("batches.max_target_length", batches.maxTargetLength(), 1);
        if (pairs) {
            atLeast("batches.max_source_length", batches.maxSourceLength(), 1);
            atLeast("batches.pool", batches.pool(), 1);
            int longest = batches.maxSourceLength() + batches.maxTargetLength();
            if (batches.tokens() < longest) {
                throw new ExperimentException("batches.tokens: got " + batches.tokens() + ", allowed >= " + longest
                        + ", which max_source_length (" + batches.maxSourceLength() + ") and max_target_length ("
                        + batches.maxTargetLength() + ") need");
            }
            withinPositions("batches.max_source_length", batches.maxSourceLength(), model);
        } else {
            atLeast("batches.blocks", batches.blocks(), 1);
        }
        withinPositions("batches.max_target_length", batches.maxTargetLength(), model);
    }

    private static void withinPositions(String path, int length, JsonNode model) {
        for (String key : POSITIONS) {
            if (model.path(key).isInt() && length > model.get(key).intValue()) {
                throw new ExperimentException(
                        path + ": got " + length + ", allowed up to model." + key + " (" + model.get(key) + ")");
            }
        }
    }

    /** Held-out sources are all translated, however long; training leaves long ones out. */
    static void requireRoom(TokenSequences heldOut, JsonNode model) {
        int longest = IntStream.range(0, heldOut.size()).map(heldOut::length).max().orElse(0);
        withinPositions("longest held-out source, in tokens", longest, model);
    }

    private static void requireEvaluation(EvaluationSettings evaluation, boolean pairs) {
        atLeast("evaluation.beams", evaluation.beams(), 1);
        atLeast("evaluation.samples", evaluation.samples(), 0);
        if (pairs == (evaluation.metric() == Metric.BITS_PER_BYTE)) {
            throw new ExperimentException("evaluation.metric: got " + name(evaluation.metric()) + ", allowed "
                    + (pairs ? "error_rate or bleu for sequence_to_sequence" : "bits_per_byte for language_model"));
        }
    }

    private static void requireRecords(RecordSettings records) {
        atLeast("records.log_every", records.logEvery(), 1);
        atLeast("records.validate_every", records.validateEvery(), 1);
        atLeast("records.checkpoint_every", records.checkpointEvery(), 1);
        atLeast("records.keep_checkpoints", records.keepCheckpoints(), 1);
    }

    private static void atLeast(String path, int got, int least) {
        if (got < least) {
            throw new ExperimentException(path + ": got " + got + ", allowed >= " + least);
        }
    }

    private static void set(String path, String value) {
        if (value == null || value.isBlank()) {
            String got = value == null ? "null" : "nothing";
            throw new ExperimentException(path + ": got " + got + ", a name is needed");
        }
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
