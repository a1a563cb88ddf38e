package org.jformers.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.jformers.settings.Setting;
import org.jformers.training.TrainingSettings;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides a run, as data: it prints, compares, and is stored in the run folder, from which it can be
 * run again.
 */
public record Experiment(
        @Setting("name, also of the run folder") String name,
        @Setting("what it shows, in one or two sentences") String description,
        @Setting("seed of the split, the first parameters, the order of the data and dropout") long seed,
        @Setting("what is learned; 'jformers finetune --help' names all kinds") TrainingTask task,
        ModelSettings model,
        OptimizerSettings optimizer,
        ScheduleSettings schedule,
        TrainingSettings training,
        RecordSettings records) {

    /** What the run starts from, and which of its parameters change. */
    public record ModelSettings(
            @Setting("model to start from: a folder, an id of the hub, a short name or mvn:...; null for a new one")
                    @Nullable String from,
            @Setting("pretrained, or random: the shape and tokenizer of the model, parameters drawn anew")
                    Weights weights,
            @Setting("a new model's config.json, or the keys that differ from the one of the model to start from")
                    ObjectNode config,
            @Setting("regular expression; parameters whose name in checkpoints it finds stay as they are; null"
                    + " for none")
                    @Nullable String freeze,
            @Setting("matrices of low rank that are trained instead of the model; null for the model itself")
                    Optional<LoraSettings> lora) {

        /** A new model. */
        public static ModelSettings create(ObjectNode config) {
            return new ModelSettings(null, Weights.RANDOM, config, null, Optional.empty());
        }

        /** A pretrained model as it is. */
        public static ModelSettings from(String model) {
            ObjectNode none = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
            return new ModelSettings(model, Weights.PRETRAINED, none, null, Optional.empty());
        }
    }

    /** Where the first parameters come from. */
    public enum Weights {
        /** The checkpoint. */
        PRETRAINED,
        /** The family's initialisation. */
        RANDOM
    }

    /** An adapter; see {@link org.jformers.model.surgery.Lora.Spec}. */
    public record LoraSettings(
            @Setting("rank of the matrices, >= 1") int rank,
            @Setting("what is added is scaled by alpha / rank, > 0") double alpha,
            @Setting("rate on the input of the matrices, in [0, 1)") double dropout,
            @Setting("linear maps that get them, by the ends of their names in checkpoints; empty for the usual ones")
                    List<String> targets,
            @Setting("whether the scale is alpha / sqrt(rank) instead") boolean rankStabilized) {}

    /** Which optimizer; the betas, epsilon and decay are those of Adam or AdamW. */
    public record OptimizerSettings(
            @Setting("adam, adamw, or muon: for the matrices of linear maps, adamw for the rest") Kind kind,
            @Setting("in [0, 1)") double beta1,
            @Setting("in [0, 1)") double beta2,
            @Setting("> 0") double epsilon,
            @Setting(">= 0; biases and norms are left out") double weightDecay,
            @Setting("factor on the rate of the head, > 0") double headRate,
            @Setting("factor on the rate from each layer to the one below it, in (0, 1]") double layerDecay) {

        /** One rate for all parameters. */
        public OptimizerSettings(Kind kind, double beta1, double beta2, double epsilon, double weightDecay) {
            this(kind, beta1, beta2, epsilon, weightDecay, 1, 1);
        }

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
            @Setting("steps on the way up") int warmupSteps,
            @Setting("share of the steps on the way up, in [0, 1); 0 where warmup_steps says it") double warmupRatio) {

        /** A way up of so many steps. */
        public ScheduleSettings(Kind kind, double learningRate, int warmupSteps) {
            this(kind, learningRate, warmupSteps, 0);
        }

        /** Which schedule. */
        public enum Kind {
            CONSTANT,
            LINEAR,
            COSINE,
            NOAM
        }
    }

    /** What a run leaves behind. */
    public record RecordSettings(
            @Setting("steps between lines of the log, >= 1") int logEvery,
            @Setting("steps between measurements on the validation rows; 0 for once an epoch") int validateEvery,
            @Setting("steps between checkpoints; 0 for once an epoch") int checkpointEvery,
            @Setting("checkpoints kept, >= 1") int keepCheckpoints,
            @Setting("last, or best: the parameters with the best figure on the validation rows") Kept model,
            @Setting("measurements without a better figure after which the run ends; 0 for no end") int patience) {

        /** The parameters after the last step. */
        public RecordSettings(int logEvery, int validateEvery, int checkpointEvery, int keepCheckpoints) {
            this(logEvery, validateEvery, checkpointEvery, keepCheckpoints, Kept.LAST, 0);
        }

        /** Which parameters the run ends with. */
        public enum Kept {
            LAST,
            BEST
        }
    }
}
