package org.jformers.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jformers.settings.Setting;
import org.jformers.training.TrainingSettings;

/**
 * Everything that decides a run, as data: it prints, compares, and is stored in the run folder, from which it can be
 * run again.
 */
public record Experiment(
        @Setting("name, also of the run folder") String name,
        @Setting("what it shows, in one or two sentences") String description,
        @Setting("what is learned: sequence_to_sequence or language_model") Objective objective,
        @Setting("seed of the split, the first parameters, the order of the data and dropout") long seed,
        DataSettings data,
        TokenizerSettings tokenizer,
        @Setting("the model's config.json; vocab_size and token ids follow from the tokenizer") ObjectNode model,
        BatchSettings batches,
        OptimizerSettings optimizer,
        ScheduleSettings schedule,
        TrainingSettings training,
        EvaluationSettings evaluation,
        RecordSettings records) {

    /** What is learned. */
    public enum Objective {
        /** A target sequence from a source sequence. */
        SEQUENCE_TO_SEQUENCE,
        /** The next token. */
        LANGUAGE_MODEL
    }

    /** Where rows come from and which are held out. */
    public record DataSettings(
            @Setting("cmudict, wordnet, parallel (text files under dir), or a CSV, TSV, JSONL, Parquet or"
                    + " text file")
                    String source,
            @Setting("folder of parallel text; null for other sources") String dir,
            @Setting("column of the text, or of the source sequence; for parallel text its language")
                    String sourceColumn,
            @Setting("column of the target sequence, or its language; null for language models") String targetColumn,
            @Setting("rows held out to watch the loss; parallel text has files for that") int validationRows,
            @Setting("rows held out for the final result; parallel text has files for that") int testRows) {}

    /** How text becomes tokens. */
    public record TokenizerSettings(
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
    public record BatchSettings(
            @Setting("tokens of a batch, padding counted, for sequence pairs") int tokens,
            @Setting("blocks of a batch, for language models") int blocks,
            @Setting("longest source, special tokens counted; longer pairs are left out") int maxSourceLength,
            @Setting("longest target, or the block of a language model") int maxTargetLength,
            @Setting("pairs among which those of like length are sought") int pool) {}

    /** Which optimizer; the betas, epsilon and decay are those of Adam or AdamW. */
    public record OptimizerSettings(
            @Setting("adam, adamw, or muon: for the matrices of linear maps, adamw for the rest") Kind kind,
            @Setting("in [0, 1)") double beta1,
            @Setting("in [0, 1)") double beta2,
            @Setting("> 0") double epsilon,
            @Setting(">= 0; biases and norms are left out") double weightDecay) {

        /** Which optimizer. */
        public enum Kind {
            ADAM,
            ADAMW,
            MUON
        }
    }

    /** The learning rate over the steps. */
    public record ScheduleSettings(
            @Setting("constant, linear, cosine or noam") Kind kind,
            @Setting("the highest rate; for noam the factor on its formula") double learningRate,
            @Setting("steps on the way up") int warmupSteps) {

        /** Which schedule. */
        public enum Kind {
            CONSTANT,
            LINEAR,
            COSINE,
            NOAM
        }
    }

    /** How the trained model is measured. */
    public record EvaluationSettings(
            @Setting("error_rate, bleu or bits_per_byte") Metric metric,
            @Setting("beams of the final search; 1 is greedy") int beams,
            @Setting("exponent of the length in beam scores") double lengthPenalty,
            @Setting("held-out rows shown in the report") int samples) {

        /** Which figure is the result. */
        public enum Metric {
            ERROR_RATE,
            BLEU,
            BITS_PER_BYTE
        }
    }

    /** What a run leaves behind. */
    public record RecordSettings(
            @Setting("steps between lines of the log, >= 1") int logEvery,
            @Setting("steps between measurements on the validation rows, >= 1") int validateEvery,
            @Setting("steps between checkpoints, >= 1") int checkpointEvery,
            @Setting("checkpoints kept, >= 1") int keepCheckpoints) {}
}
