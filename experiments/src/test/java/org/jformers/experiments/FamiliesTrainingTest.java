package org.jformers.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentRun;
import org.jformers.pipeline.TextGeneration;
import org.jformers.pipeline.Translation;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every encoder-decoder family trains on text pairs, and is saved under the names that its own config has. */
final class FamiliesTrainingTest {
    private static final String T5 = "\"d_model\": 16, \"d_kv\": 8, \"d_ff\": 32, \"num_layers\": 1, \"num_heads\": 2";
    private static final String BART = "\"d_model\": 16, \"encoder_layers\": 1, \"decoder_layers\": 1,"
            + " \"encoder_attention_heads\": 2, \"decoder_attention_heads\": 2, \"encoder_ffn_dim\": 32,"
            + " \"decoder_ffn_dim\": 32, \"max_position_embeddings\": 16";

    @ParameterizedTest
    @CsvSource({"t5", "mt5", "switch_transformers", "bart", "mbart", "marian", "pegasus"})
    void trainsAndKeepsItsNames(String family, @TempDir Path folder) throws IOException {
        String sizes = switch (family) {
            case "t5", "mt5" -> T5;
            case "switch_transformers" -> T5 + ", \"num_experts\": 2, \"num_sparse_encoder_layers\": 1,"
                    + " \"num_sparse_decoder_layers\": 1, \"expert_capacity\": 64";
            default -> BART;
        };
        Experiment experiment = TinyExperiment.with(
                TinyExperiment.pronunciation(TinyExperiment.table(folder)),
                "model.config={\"model_type\": \"" + family + "\", " + sizes + "}", "training.steps=2").value();
        Path run = folder.resolve("run");
        assertThat(ExperimentRun.start(experiment, run, Console.SILENT).headline()).contains("error rate");
        JsonNode config = new JsonMapper().readTree(run.resolve("model/config.json").toFile());
        assertThat(config.get("pad_token_id").intValue()).isZero();
        assertThat(config.get("decoder_start_token_id").intValue()).isEqualTo(1);
        assertThat(config.get("eos_token_id").intValue()).isEqualTo(2);
        assertThat(config.has("pad_id") || config.has("bos_id") || config.has("eos_id")).isFalse();
        assertThat(config.get("vocab_size").intValue()).isGreaterThan(10);
        try (Translation translation = Translation.load(run.resolve("model"))) {
            assertThat(translation.translate("abc").text()).isNotNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"llama", "mistral", "qwen2", "qwen3", "openai-gpt", "opt", "gpt_neo"})
    void trainsLanguageModels(String family, @TempDir Path folder) throws IOException {
        String sizes = switch (family) {
            case "openai-gpt" -> "\"n_embd\": 16, \"n_layer\": 1, \"n_head\": 2, \"n_positions\": 16,"
                    + " \"afn\": \"gelu\"";
            case "gpt_neo" -> "\"hidden_size\": 16, \"num_layers\": 1, \"num_heads\": 2, \"window_size\": 8,"
                    + " \"max_position_embeddings\": 16, \"attention_types\": [[[\"global\"], 1]]";
            case "opt" -> "\"hidden_size\": 16, \"ffn_dim\": 32, \"num_hidden_layers\": 1, \"num_attention_heads\": 2,"
                    + " \"max_position_embeddings\": 16, \"word_embed_proj_dim\": 16";
            default -> "\"hidden_size\": 16, \"intermediate_size\": 32, \"num_hidden_layers\": 1,"
                    + " \"num_attention_heads\": 2, \"num_key_value_heads\": 1, \"head_dim\": 8,"
                    + " \"max_position_embeddings\": 16, \"rms_norm_eps\": 1e-5";
        };
        Experiment experiment = TinyExperiment.with(
                TinyExperiment.languageModel(TinyExperiment.table(folder)),
                "model.config={\"model_type\": \"" + family + "\", " + sizes + "}", "training.steps=2").value();
        Path run = folder.resolve("run");
        assertThat(ExperimentRun.start(experiment, run, Console.SILENT).headline()).contains("bits per byte");
        JsonNode config = new JsonMapper().readTree(run.resolve("model/config.json").toFile());
        assertThat(config.get("eos_token_id").intValue()).isEqualTo(config.get("bos_token_id").intValue());
        try (TextGeneration generation = TextGeneration.load(run.resolve("model"))) {
            assertThat(generation.generate("A").ids()).isNotEmpty();
        }
    }
}
