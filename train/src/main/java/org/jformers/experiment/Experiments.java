package org.jformers.experiment;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jformers.experiment.Experiment.BatchSettings;
import org.jformers.experiment.Experiment.DataSettings;
import org.jformers.experiment.Experiment.EvaluationSettings;
import org.jformers.experiment.Experiment.EvaluationSettings.Metric;
import org.jformers.experiment.Experiment.Objective;
import org.jformers.experiment.Experiment.OptimizerSettings;
import org.jformers.experiment.Experiment.RecordSettings;
import org.jformers.experiment.Experiment.ScheduleSettings;
import org.jformers.experiment.Experiment.TokenizerSettings;
import org.jformers.settings.Nearest;
import org.jformers.tensor.Precision;
import org.jformers.training.TrainingSettings;

/** The shipped experiments, by name. A variant is another one with the settings that differ. */
public final class Experiments {
    private static final Map<String, Experiment> ALL = new LinkedHashMap<>();

    static {
        List.of(quickstart(), pronunciation(), wordNet(), multi30k()).forEach(experiment ->
                ALL.put(experiment.name(), experiment));
    }

    private Experiments() {}

    /** All experiments by name, in the order of listing. */
    public static Map<String, Experiment> all() {
        return java.util.Collections.unmodifiableMap(ALL);
    }

    /**
     * The experiment of that name.
     *
     * @throws ExperimentException naming the nearest ones
     */
    public static Experiment of(String name) {
        Experiment experiment = ALL.get(name);
        if (experiment == null) {
            throw new ExperimentException("experiment: got " + name + ", nearest "
                    + Nearest.to(name, ALL.keySet()) + ", allowed " + ALL.keySet());
        }
        return experiment;
    }

    private static Experiment quickstart() {
        return pronunciation("g2p.quickstart",
                "The original Transformer learns to pronounce English in a few minutes.",
                model(128, 2, 512, 4, 0.0, 0.0, 40),
                new OptimizerSettings(OptimizerSettings.Kind.MUON, 0.9, 0.98, 1e-9, 0.01),
                new ScheduleSettings(ScheduleSettings.Kind.LINEAR, 4e-3, 60),
                new TrainingSettings(1350, Duration.ZERO, 1, 1.0, Precision.AUTO)
                        .withThreads(TrainingSettings.Threads.ADAPTIVE),
                new RecordSettings(10, 250, 500, 2));
    }

    private static Experiment pronunciation() {
        return pronunciation("g2p.cmudict",
                "The original Transformer learns to pronounce English, with an hour to learn.",
                model(256, 3, 1024, 4, 0.1, 0.1, 40),
                new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 0.9, 0.98, 1e-9, 0.01),
                new ScheduleSettings(ScheduleSettings.Kind.LINEAR, 1e-3, 400),
                new TrainingSettings(12_000, Duration.ofMinutes(55), 1, 1.0, Precision.AUTO),
                new RecordSettings(20, 1000, 1000, 2));
    }

    private static Experiment pronunciation(
            String name,
            String description,
            ObjectNode model,
            OptimizerSettings optimizer,
            ScheduleSettings schedule,
            TrainingSettings training,
            RecordSettings records) {
        return new Experiment(
                name, description, Objective.SEQUENCE_TO_SEQUENCE, 1,
                new DataSettings("cmudict", null, "word", "phonemes", 1000, 5000),
                new TokenizerSettings(TokenizerSettings.Kind.CHARACTERS, TokenizerSettings.Kind.SYMBOLS, 0),
                model,
                new BatchSettings(4096, 0, 36, 36, 20_000),
                optimizer, schedule, training,
                new EvaluationSettings(Metric.ERROR_RATE, 3, 1.0, 24),
                records);
    }

    private static Experiment wordNet() {
        return new Experiment(
                "lm.wordnet",
                "A GPT-2 learns English from the definitions of WordNet 3.1, with a vocabulary of its own.",
                Objective.LANGUAGE_MODEL, 1,
                new DataSettings("wordnet", null, "text", null, 1000, 5000),
                new TokenizerSettings(TokenizerSettings.Kind.BYTE_BPE, TokenizerSettings.Kind.BYTE_BPE, 4096),
                json("""
                        {"model_type": "gpt2", "n_positions": 256, "n_embd": 256, "n_layer": 4, "n_head": 4,
                         "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}"""),
                new BatchSettings(0, 16, 0, 128, 0),
                new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 0.9, 0.95, 1e-8, 0.1),
                new ScheduleSettings(ScheduleSettings.Kind.COSINE, 3e-3, 200),
                new TrainingSettings(6000, Duration.ofMinutes(26), 1, 1.0, Precision.AUTO),
                new EvaluationSettings(Metric.BITS_PER_BYTE, 1, 1.0, 8),
                new RecordSettings(10, 500, 500, 2));
    }

    private static Experiment multi30k() {
        return new Experiment(
                "mt.multi30k.en-de",
                "The original Transformer, small, translates captions of pictures from English to German.",
                Objective.SEQUENCE_TO_SEQUENCE, 1,
                new DataSettings("parallel", null, "en", "de", 0, 0),
                new TokenizerSettings(TokenizerSettings.Kind.BYTE_BPE, TokenizerSettings.Kind.BYTE_BPE, 6000),
                model(256, 3, 512, 4, 0.2, 0.1, 128),
                new BatchSettings(4096, 0, 100, 100, 20_000),
                new OptimizerSettings(OptimizerSettings.Kind.ADAM, 0.9, 0.98, 1e-9, 0),
                new ScheduleSettings(ScheduleSettings.Kind.LINEAR, 1.5e-3, 400),
                new TrainingSettings(6000, Duration.ofMinutes(48), 1, 1.0, Precision.AUTO),
                new EvaluationSettings(Metric.BLEU, 5, 1.0, 24),
                new RecordSettings(20, 500, 500, 2));
    }

    /** An encoder-decoder with pre-norm blocks. */
    private static ObjectNode model(
            int width, int layers, int inner, int heads, double dropout, double labelSmoothing, int positions) {
        ObjectNode model = json("{}");
        return model.put("model_type", "vaswani").put("d_model", width).put("nhead", heads)
                .put("num_encoder_layers", layers).put("num_decoder_layers", layers).put("dim_feedforward", inner)
                .put("activation", "relu").put("norm_first", true).put("final_norm", true)
                .put("dropout", dropout).put("label_smoothing", labelSmoothing).put("max_positions", positions)
                .put("layer_norm_eps", 1e-5);
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) new JsonMapper().readTree(text);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
