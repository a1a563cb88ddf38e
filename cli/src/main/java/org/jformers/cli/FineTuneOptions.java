package org.jformers.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jformers.experiment.Experiment.LoraSettings;
import org.jformers.experiment.Experiment.TeacherSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/**
 * The flags of {@code jformers finetune} that are settings of its experiment whatever the task is; {@link TaskFlags}
 * has the others. Those that are not given change none.
 */
final class FineTuneOptions {
    /** Flag to the path of its setting. */
    static final Map<String, String> SETTINGS = settings();

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the data.")
    private @Nullable String epochs;

    @Option(names = "--max-steps", paramLabel = "N", description = "Steps after which the run ends at the latest.")
    private @Nullable String maxSteps;

    @Option(names = "--learning-rate", paramLabel = "RATE", description = "The highest rate of the schedule.")
    private @Nullable String learningRate;

    @Option(names = "--optimizer", paramLabel = "KIND",
            description = "adamw, adam, muon, lion, adafactor and so on; docs/optimizers.md has all.")
    private @Nullable String optimizer;

    @Option(names = "--average", paramLabel = "DECAY",
            description = "Measure and keep a running average of the parameters, such as 0.999.")
    private @Nullable String average;

    @Option(names = "--schedule", paramLabel = "KIND",
            description = "constant, linear, cosine and so on; docs/optimizers.md has all.")
    private @Nullable String schedule;

    @Option(names = "--warmup-ratio", paramLabel = "SHARE", description = "Share of the steps on the way up.")
    private @Nullable String warmupRatio;

    @Option(names = "--weight-decay", paramLabel = "STRENGTH", description = "Of matrices and tables.")
    private @Nullable String weightDecay;

    @Option(names = "--seed", paramLabel = "N", description = "Of the split, the new head, the order and dropout.")
    private @Nullable String seed;

    @Option(names = DeviceOption.NAME, paramLabel = "DEVICE", description = "auto, cpu, cuda, or cuda:1 and so on.")
    private @Nullable String device;

    @Option(names = "--precision", paramLabel = "TYPE", description = "auto, float32 or bfloat16.")
    private @Nullable String precision;

    @Option(names = "--accumulation", paramLabel = "N", description = "Batches of a step.")
    private @Nullable String accumulation;

    @Option(names = "--label-smoothing", paramLabel = "SHARE",
            description = "Of each label's probability that all classes or tokens share.")
    private @Nullable String labelSmoothing;

    @Option(names = "--skips", paramLabel = "N",
            description = "Steps without a finite loss that are left out before the run ends.")
    private @Nullable String skips;

    @Option(names = "--gradient-checkpointing",
            description = "Compute layers again in the backward pass: less memory, more time.")
    private boolean gradientCheckpointing;

    @Option(names = "--freeze", paramLabel = "PATTERN",
            description = "Regular expression; parameters whose name in the checkpoint it finds stay as they are.")
    private @Nullable String freeze;

    @Option(names = "--head-rate", paramLabel = "FACTOR", description = "On the rate of the head.")
    private @Nullable String headRate;

    @Option(names = "--layer-decay", paramLabel = "FACTOR",
            description = "On the rate from each layer to the one below it.")
    private @Nullable String layerDecay;

    @Option(names = "--patience", paramLabel = "N",
            description = "Measurements without a better figure after which the run ends.")
    private @Nullable String patience;

    @Option(names = "--lora", paramLabel = "RANK",
            description = "Train matrices of this rank (LoRA) instead of the model; DIR/adapter keeps them as"
                    + " PEFT does.")
    private @Nullable Integer lora;

    @Option(names = "--lora-alpha", paramLabel = "ALPHA",
            description = "What is added is scaled by alpha / rank; by default twice the rank.")
    private @Nullable Double loraAlpha;

    @Option(names = "--lora-dropout", paramLabel = "RATE", description = "On the input of the matrices.")
    private @Nullable Double loraDropout;

    @Option(names = "--lora-target", paramLabel = "PATTERN", split = ",",
            description = "Linear maps that get them, by the ends of their names; by default the usual ones.")
    private @Nullable List<String> loraTarget;

    @Option(names = "--lora-rslora", description = "Scale by alpha / sqrt(rank).")
    private boolean loraRslora;

    @Option(names = "--layers", paramLabel = "N", split = ",",
            description = "Keep these layers of the model alone, from 0; DistilBERT began with 0,2,4,7,9,11 of BERT.")
    private @Nullable List<Integer> layers;

    @Option(names = "--teacher", paramLabel = "MODEL",
            description = "Learn from this trained model beside the labels (distillation).")
    private @Nullable String teacher;

    @Option(names = "--temperature", paramLabel = "T", description = "Of the teacher's probabilities; by default 2.")
    private @Nullable Double temperature;

    @Option(names = "--soft", paramLabel = "WEIGHT", description = "Of the teacher's probabilities; by default 5.")
    private @Nullable Double soft;

    @Option(names = "--hard", paramLabel = "WEIGHT", description = "Of the labels beside a teacher; by default 2.")
    private @Nullable Double hard;

    @Option(names = "--cosine", paramLabel = "WEIGHT",
            description = "Of the angle to the teacher's last hidden states; by default 1.")
    private @Nullable Double cosine;

    @Option(names = "--states", paramLabel = "WEIGHT",
            description = "Of the distance to the teacher's hidden states; by default 0.")
    private @Nullable Double states;

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("--epochs", "training.epochs");
        settings.put("--max-steps", "training.steps");
        settings.put("--precision", "training.precision");
        settings.put(DeviceOption.NAME, "training.device");
        settings.put("--accumulation", "training.accumulation");
        settings.put("--label-smoothing", "training.label_smoothing");
        settings.put("--skips", "training.skips");
        settings.put("--gradient-checkpointing", "training.gradient_checkpointing");
        settings.put("--learning-rate", "schedule.learning_rate");
        settings.put("--optimizer", "optimizer.kind");
        settings.put("--average", "optimizer.average");
        settings.put("--schedule", "schedule.kind");
        settings.put("--warmup-ratio", "schedule.warmup_ratio");
        settings.put("--weight-decay", "optimizer.weight_decay");
        settings.put("--head-rate", "optimizer.head_rate");
        settings.put("--layer-decay", "optimizer.layer_decay");
        settings.put("--freeze", "model.freeze");
        settings.put("--lora", "model.lora");
        settings.put("--layers", "model.layers");
        settings.put("--teacher", "model.teacher");
        settings.put("--patience", "records.patience");
        settings.put("--seed", "seed");
        return Collections.unmodifiableMap(settings);
    }

    /** The teacher that the flags describe. */
    Optional<TeacherSettings> teacher() {
        if (teacher == null) {
            if (Stream.of(temperature, soft, hard, cosine, states).anyMatch(Objects::nonNull)) {
                throw new ParameterException(spec.commandLine(),
                        "expected --teacher MODEL beside --temperature, --soft, --hard, --cosine and --states");
            }
            return Optional.empty();
        }
        TeacherSettings usual = TeacherSettings.of(teacher);
        return Optional.of(new TeacherSettings(
                teacher,
                temperature == null ? usual.temperature() : temperature,
                soft == null ? usual.soft() : soft,
                hard == null ? usual.hard() : hard,
                cosine == null ? usual.cosine() : cosine,
                states == null ? usual.states() : states,
                usual.places()));
    }

    /** The adapter that the flags describe. */
    Optional<LoraSettings> lora() {
        if (lora == null) {
            if (loraAlpha != null || loraDropout != null || loraTarget != null || loraRslora) {
                throw new ParameterException(spec.commandLine(),
                        "expected --lora RANK beside the other --lora- options");
            }
            return Optional.empty();
        }
        return Optional.of(new LoraSettings(
                lora,
                loraAlpha == null ? 2.0 * lora : loraAlpha,
                loraDropout == null ? 0 : loraDropout,
                loraTarget == null ? List.of() : loraTarget,
                loraRslora));
    }
}
