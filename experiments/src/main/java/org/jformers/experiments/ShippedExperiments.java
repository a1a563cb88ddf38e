package org.jformers.experiments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jformers.data.TextSource;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.Experiment.ModelSettings;
import org.jformers.experiment.Experiment.OptimizerSettings;
import org.jformers.experiment.Experiment.RecordSettings;
import org.jformers.experiment.Experiment.ScheduleSettings;
import org.jformers.experiment.ExperimentProvider;
import org.jformers.task.CausalLanguageModel;
import org.jformers.task.Denoising;
import org.jformers.task.Dialogue;
import org.jformers.task.SequenceToSequence;
import org.jformers.task.SequenceToSequence.Evaluation.Measure;
import org.jformers.task.SequenceToSequence.Vocabulary;
import org.jformers.task.TextData;
import org.jformers.tensor.Precision;
import org.jformers.training.TrainingSettings;

/** The shipped experiments: pronunciation, translation, language models, dialogue. */
public final class ShippedExperiments implements ExperimentProvider {

    @Override
    public List<Experiment> experiments() {
        return List.of(quickstart(), pronunciation(), wordNet(), spans(), multi30k(), smallTalk());
    }

    private static Experiment quickstart() {
        return pronunciation("g2p.quickstart",
                "The original Transformer learns to pronounce English in a few minutes.",
                model(128, 2, 512, 4, 0.0, 0.0, 40),
                new OptimizerSettings(OptimizerSettings.Kind.MUON, 0.9, 0.98, 1e-9, 0.01),
                new ScheduleSettings(ScheduleSettings.Kind.LINEAR, 4e-3, 60),
                new TrainingSettings(1200, Duration.ZERO, 1, 1.0, Precision.AUTO)
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
        SequenceToSequence task = new SequenceToSequence(
                new SequenceToSequence.Data(
                        "cmudict", null, null, null, "word", "phonemes", null, null, null, 1000, 5000),
                Optional.of(new Vocabulary(Vocabulary.Kind.CHARACTERS, Vocabulary.Kind.SYMBOLS, 0)), 0,
                new SequenceToSequence.Batches(4096, 36, 36, 20_000),
                new SequenceToSequence.Evaluation(Measure.ERROR_RATE, 0, 3, 1.0, 24));
        return new Experiment(
                name, description, 1, task, ModelSettings.create(model), optimizer, schedule, training, records);
    }

    private static Experiment wordNet() {
        CausalLanguageModel task = new CausalLanguageModel(
                new TextData("wordnet", null, null, "text", TextSource.Document.LINE, 1000, 5000), 4096, 16, 128,
                CausalLanguageModel.Packing.STREAM, 0, CausalLanguageModel.Prefix.NONE,
                new CausalLanguageModel.Evaluation(8));
        return new Experiment(
                "lm.wordnet",
                "A GPT-2 learns English from the definitions of WordNet 3.1, with a vocabulary of its own.",
                1, task,
                ModelSettings.create(json("""
                        {"model_type": "gpt2", "n_positions": 256, "n_embd": 256, "n_layer": 4, "n_head": 4,
                         "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}""")),
                new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 0.9, 0.95, 1e-8, 0.1),
                new ScheduleSettings(ScheduleSettings.Kind.COSINE, 3e-3, 200),
                new TrainingSettings(6000, Duration.ofMinutes(26), 1, 1.0, Precision.AUTO),
                new RecordSettings(10, 500, 500, 2));
    }

    private static Experiment spans() {
        Denoising task = new Denoising(
                new TextData("wordnet", null, null, "text", TextSource.Document.LINE, 1000, 5000), 4096, 64, 128,
                Denoising.Kind.SPANS, 0.15, 3, new Denoising.Evaluation(8));
        return new Experiment(
                "t5.wordnet",
                "A T5 learns to write what is left out of the definitions of WordNet 3.1, with a vocabulary of its"
                        + " own.",
                1, task,
                ModelSettings.create(json("""
                        {"model_type": "t5", "d_model": 256, "d_kv": 64, "d_ff": 512, "num_layers": 4,
                         "num_decoder_layers": 4, "num_heads": 4, "relative_attention_num_buckets": 32,
                         "dropout_rate": 0.0, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": true}""")),
                new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 0.9, 0.98, 1e-8, 0.01),
                new ScheduleSettings(ScheduleSettings.Kind.WARMUP_STABLE_DECAY, 1e-3, 200),
                new TrainingSettings(3000, Duration.ofMinutes(14), 1, 1.0, Precision.AUTO),
                new RecordSettings(10, 250, 500, 2));
    }

    private static Experiment multi30k() {
        SequenceToSequence task = new SequenceToSequence(
                new SequenceToSequence.Data("parallel", null, null, null, "en", "de", null, null, null, 0, 0),
                Optional.of(new Vocabulary(Vocabulary.Kind.BYTE_BPE, Vocabulary.Kind.BYTE_BPE, 6000)), 0,
                new SequenceToSequence.Batches(4096, 100, 100, 20_000),
                new SequenceToSequence.Evaluation(Measure.BLEU, 0, 5, 1.0, 24));
        return new Experiment(
                "mt.multi30k.en-de",
                "The original Transformer, small, translates captions of pictures from English to German.",
                1, task, ModelSettings.create(model(256, 3, 512, 4, 0.2, 0.1, 128)),
                new OptimizerSettings(OptimizerSettings.Kind.ADAM, 0.9, 0.98, 1e-9, 0),
                new ScheduleSettings(ScheduleSettings.Kind.LINEAR, 1.5e-3, 400),
                new TrainingSettings(6000, Duration.ofMinutes(48), 1, 1.0, Precision.AUTO),
                new RecordSettings(20, 500, 500, 2));
    }

    /** The settings of TransferTransfo but for the model and its rate: this one knows no language before. */
    private static Experiment smallTalk() {
        return new Experiment(
                "dialogue.small-talk",
                "A small GPT-2 learns to reply as somebody with a persona, and to tell replies that fit.",
                1, new Dialogue.Type().defaults(),
                ModelSettings.create(json("""
                        {"model_type": "gpt2", "n_positions": 128, "n_embd": 128, "n_layer": 2, "n_head": 4,
                         "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0, "summary_first_dropout": 0.0}""")),
                new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 0.9, 0.999, 1e-8, 0.0),
                new ScheduleSettings(ScheduleSettings.Kind.LINEAR, 2e-3, 20),
                new TrainingSettings(400, Duration.ofMinutes(5), 1, 1.0, Precision.FLOAT32),
                new RecordSettings(10, 100, 200, 1));
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
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
