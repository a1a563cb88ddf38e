package org.jformers.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.jformers.objective.Distillation;
import org.jformers.optim.Schedule;
import org.jformers.optim.StateType;
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
            @Setting("layers of the model to start from that it keeps: numbers from 0, ascending; empty for all")
                    List<Integer> layers,
            @Setting("a trained model to learn from beside the labels; null for none")
                    Optional<TeacherSettings> teacher,
            @Setting("matrices of low rank that are trained instead of the model; null for the model itself")
                    Optional<LoraSettings> lora) {

        public ModelSettings {
            layers = List.copyOf(layers);
        }

        /** A new model. */
        public static ModelSettings create(ObjectNode config) {
            return new ModelSettings(null, Weights.RANDOM, config, null, List.of(), Optional.empty(), Optional.empty());
        }

        /** A pretrained model as it is. */
        public static ModelSettings from(String model) {
            ObjectNode none = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
            return new ModelSettings(
                    model, Weights.PRETRAINED, none, null, List.of(), Optional.empty(), Optional.empty());
        }
    }

    /** Whom a model learns from, and how; see {@link org.jformers.objective.Distillation}. */
    public record TeacherSettings(
            @Setting("the trained model: a folder, an id of the hub, a short name or mvn:...") String from,
            @Setting("divides the scores of both before they are compared, > 0") double temperature,
            @Setting("weight of the divergence from the teacher's probabilities, >= 0") double soft,
            @Setting("weight of the labels, >= 0") double hard,
            @Setting("weight of the cosine between the last hidden states, >= 0") double cosine,
            @Setting("weight of the squared difference of hidden states, layer by layer, >= 0") double states,
            @Setting("where tokens are compared: all, or labelled (hidden ones alone)") Distillation.Places places) {

        /** DistilBERT's weights. */
        public static TeacherSettings of(String from) {
            Distillation.Weights usual = Distillation.Weights.DISTILBERT;
            return new TeacherSettings(from, usual.temperature(), usual.soft(), usual.hard(), usual.cosine(),
                    usual.states(), Distillation.Places.ALL);
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

    /** Which optimizer; docs/optimizers.md says what the numbers are for each kind. */
    public record OptimizerSettings(
            @Setting("adam, adamw, adamw_amsgrad, adamw_uncorrected, muon (for the matrices of linear maps, adamw for"
                    + " the rest), sgd, nesterov, adafactor, adafactor_relative, lamb, lion, rmsprop, adagrad or"
                    + " adadelta") Kind kind,
            @Setting("decay of the first moment, or share of the momentum that stays; in [0, 1), 0 for none")
                    double beta1,
            @Setting("decay of the second moment; in [0, 1)") double beta2,
            @Setting("> 0") double epsilon,
            @Setting(">= 0; biases and norms are left out") double weightDecay,
            @Setting("factor on the rate of the head, > 0") double headRate,
            @Setting("factor on the rate from each layer to the one below it, in (0, 1]") double layerDecay,
            @Setting("float32, or bfloat16: half the memory for what is kept of each parameter, longer steps")
                    StateType states,
            @Setting("decay of a running average of the parameters, which is measured and kept in their place; in"
                    + " [0, 1), 0 for none") double average,
            @Setting("other optimizers for parameters by their names in checkpoints, each found by one at most")
                    List<PartSettings> parts) {

        public OptimizerSettings {
            parts = List.copyOf(parts);
        }

        /** One optimizer with its states in float32, without an average. */
        public OptimizerSettings(
                Kind kind,
                double beta1,
                double beta2,
                double epsilon,
                double weightDecay,
                double headRate,
                double layerDecay) {
            this(kind, beta1, beta2, epsilon, weightDecay, headRate, layerDecay, StateType.FLOAT32, 0, List.of());
        }

        /** One rate for all parameters. */
        public OptimizerSettings(Kind kind, double beta1, double beta2, double epsilon, double weightDecay) {
            this(kind, beta1, beta2, epsilon, weightDecay, 1, 1);
        }

        /** Which optimizer. */
        public enum Kind {
            ADAM,
            ADAMW,
            ADAMW_AMSGRAD,
            ADAMW_UNCORRECTED,
            MUON,
            SGD,
            NESTEROV,
            ADAFACTOR,
            ADAFACTOR_RELATIVE,
            LAMB,
            LION,
            RMSPROP,
            ADAGRAD,
            ADADELTA
        }
    }

    /** An optimizer for some of the parameters. */
    public record PartSettings(
            @Setting("regular expression that finds the names of its parameters in checkpoints") String pattern,
            @Setting("which optimizer") OptimizerSettings.Kind kind,
            @Setting("decay of the first moment, or share of the momentum that stays; in [0, 1)") double beta1,
            @Setting("decay of the second moment; in [0, 1)") double beta2,
            @Setting("> 0") double epsilon,
            @Setting(">= 0; biases and norms are left out") double weightDecay,
            @Setting("factor on the rate, > 0") double rate) {}

    /** The learning rate over the steps. */
    public record ScheduleSettings(
            @Setting("constant, linear, cosine, cosine_restarts, polynomial, inverse_sqrt, warmup_stable_decay,"
                    + " exponential or noam") Kind kind,
            @Setting("the highest rate; for noam the factor on its formula") double learningRate,
            @Setting("steps on the way up") int warmupSteps,
            @Setting("share of the steps on the way up, in [0, 1); 0 where warmup_steps says it") double warmupRatio,
            @Setting("share of the highest rate that is left at the last step, in [0, 1]; > 0 for exponential")
                    double finalShare,
            @Setting("how often cosine_restarts goes down, >= 1") int cycles,
            @Setting("of the steps left, for polynomial; 1 for a straight line") double power,
            @Setting("share of the steps on the way down of warmup_stable_decay, in (0, 1]") double decayRatio,
            @Setting("how warmup_stable_decay falls: linear, cosine or square_root") Schedule.Shape decayShape,
            @Setting("a factor on all this that falls where the validation rows show no gain; null for none")
                    Optional<PlateauSettings> plateau) {

        /** A way up of so many steps, or of such a share of them; down to 0 where the kind goes down. */
        public ScheduleSettings(Kind kind, double learningRate, int warmupSteps, double warmupRatio) {
            this(kind, learningRate, warmupSteps, warmupRatio, kind == Kind.EXPONENTIAL ? 0.01 : 0, 1, 1, 0.1,
                    Schedule.Shape.SQUARE_ROOT, Optional.empty());
        }

        /** A way up of so many steps. */
        public ScheduleSettings(Kind kind, double learningRate, int warmupSteps) {
            this(kind, learningRate, warmupSteps, 0);
        }

        /** Which schedule. */
        public enum Kind {
            CONSTANT,
            LINEAR,
            COSINE,
            COSINE_RESTARTS,
            POLYNOMIAL,
            INVERSE_SQRT,
            WARMUP_STABLE_DECAY,
            EXPONENTIAL,
            NOAM
        }
    }

    /** When a rate falls; see {@link org.jformers.training.Plateau}. */
    public record PlateauSettings(
            @Setting("steps without a better figure that the rate is kept for, >= 1") int window,
            @Setting("the rate is multiplied by it, in (0, 1)") double decay,
            @Setting("least factor on the rate, in [0, 1]") double least,
            @Setting("how much better a figure has to be, >= 0") double tolerance) {}

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
