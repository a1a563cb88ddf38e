package org.jformers.model.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoraAdapterTest {
    private static final String T5 = """
            {"model_type": "t5", "vocab_size": 11, "d_model": 6, "d_kv": 2, "d_ff": 5, "num_layers": 1, "num_heads": 2,
             "decoder_start_token_id": 0}
            """;
    private static final String GPT2 = """
            {"model_type": "gpt2", "vocab_size": 11, "n_positions": 8, "n_embd": 6, "n_layer": 1, "n_head": 2}
            """;
    private static final String QUERY = "encoder.block.0.layer.0.SelfAttention.q";

    @TempDir
    private Path folder;

    private static Model model(String config, Task task) {
        try {
            return AutoModel.create(AutoConfig.parse(new ObjectMapper().readTree(config), "test"), task, 3);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private LoraAdapter adapter(String settings, Map<String, Tensor> tensors) throws IOException {
        Files.writeString(folder.resolve("adapter_config.json"),
                "{\"peft_type\": \"LORA\", \"lora_alpha\": 6" + settings + "}");
        SafetensorsWriter.write(folder.resolve("adapter_model.safetensors"), tensors);
        return LoraAdapter.open(folder);
    }

    private static Tensor numbers(long rows, long columns) {
        return Tensors.range(0, rows * columns).to(org.bytedeco.pytorch.global.torch.ScalarType.Float).sin()
                .view(rows, columns);
    }

    private static Map<String, Tensor> pair(String module, Tensor a, Tensor b) {
        return Map.of(
                "base_model.model." + module + ".lora_A.weight", a, "base_model.model." + module + ".lora_B.weight", b);
    }

    /** What a merge adds to one matrix, the others staying as they are. */
    private void assertAdded(String config, Task task, String settings, String module, long out, double scale)
            throws IOException {
        Tensor a = numbers(4, 6);
        Tensor b = numbers(out, 4);
        LoraAdapter adapter = adapter(settings, pair(module, a, b));
        try (Model plain = model(config, task); Model adapted = model(config, task); NoGrad noGrad = new NoGrad()) {
            adapter.mergeInto(adapted);
            Map<String, Tensor> before = plain.named(plain.network().tensors());
            adapted.named(adapted.network().tensors()).forEach((name, after) -> {
                boolean changed = name.equals(module + ".weight");
                Tensor sum = b.matmul(a).mul(new Scalar(scale));
                Tensor expected = changed
                        ? before.get(name).add(settings.contains("fan_in_fan_out") ? sum.t() : sum)
                        : before.get(name);
                assertThat(after.allclose(expected, 1e-6, 1e-6, false)).as(name).isTrue();
            });
        }
    }

    @Test
    void addsAProductToTheMatrixItNamesAndToNoOther() {
        Scopes.run(() -> {
            try {
                assertAdded(T5, Task.SEQ2SEQ_LM, "", QUERY, 4, 6.0 / 4);
                assertAdded(T5, Task.SEQ2SEQ_LM, ", \"use_rslora\": true", QUERY, 4, 6.0 / 2);
                assertAdded(T5, Task.SEQ2SEQ_LM, ", \"alpha_pattern\": {\"SelfAttention.q\": 2}", QUERY, 4, 2.0 / 4);
                assertAdded(GPT2, Task.CAUSAL_LM, ", \"fan_in_fan_out\": true", "transformer.h.0.attn.c_attn", 18, 1.5);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    @Test
    void refusesWhatItDoesNotDo() {
        for (String setting : List.of(
                "\"use_qalora\": true", "\"alora_invocation_tokens\": [1]", "\"layer_replication\": [[0, 1]]",
                "\"init_lora_weights\": \"pissa\"")) {
            assertThatThrownBy(() -> adapter(", " + setting, pair(QUERY, numbers(4, 6), numbers(4, 4))))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(setting.substring(1, setting.indexOf('"', 1)));
        }
    }

    /** Patterns that a backtracking engine does not survive. */
    @ParameterizedTest
    @ValueSource(strings = {"(a+)+\\1?c", "(a|b)*", "((a*)*)*c", "(?:(?:a?){20}(?:a){20}c)|a"})
    void boundsWhatMatchingAPatternMayCost(String pattern) throws IOException {
        String module = "a".repeat(4000);
        String settings = ", \"alpha_pattern\": {\"" + pattern.replace("\\", "\\\\") + "\": 2}";
        LoraAdapter adapter = adapter(settings, pair(module, numbers(4, 6), numbers(4, 4)));
        try (Model model = model(T5, Task.SEQ2SEQ_LM)) {
            assertTimeoutPreemptively(Duration.ofSeconds(5), () -> assertThatThrownBy(() -> adapter.mergeInto(model))
                    .isInstanceOf(JformersException.class));
        }
    }

    @Test
    void refusesPatternsThatAreNone() throws IOException {
        LoraAdapter adapter = adapter(", \"alpha_pattern\": {\"(\": 2}", pair(QUERY, numbers(4, 6), numbers(4, 4)));
        try (Model model = model(T5, Task.SEQ2SEQ_LM)) {
            assertThatThrownBy(() -> adapter.mergeInto(model))
                    .isInstanceOf(ConfigException.class).hasMessageContaining("alpha_pattern (");
        }
    }

    @Test
    void namesWeightsThatTheModelHasNotOrHasInAnotherShape() throws IOException {
        try (Model model = model(T5, Task.SEQ2SEQ_LM)) {
            LoraAdapter other = adapter("", pair("encoder.layer.0.query", numbers(4, 6), numbers(4, 4)));
            assertThatThrownBy(() -> other.mergeInto(model))
                    .isInstanceOf(CheckpointException.class).hasMessageContaining("encoder.layer.0.query.weight");
            LoraAdapter wide = adapter("", pair(QUERY, numbers(4, 6), numbers(7, 4)));
            assertThatThrownBy(() -> wide.mergeInto(model))
                    .isInstanceOf(CheckpointException.class).hasMessageContaining("[7, 6]")
                    .hasMessageContaining("[4, 6]");
            LoraAdapter tied = adapter("", Map.of(
                    "base_model.model.encoder.embed_tokens.lora_embedding_A", numbers(2, 11),
                    "base_model.model.encoder.embed_tokens.lora_embedding_B", numbers(6, 2)));
            assertThatThrownBy(() -> tied.mergeInto(model))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("it changes [transformer.encoder.embed_tokens.weight] by themselves");
            LoraAdapter bare = adapter(", \"use_dora\": true", pair(QUERY, numbers(4, 6), numbers(4, 4)));
            assertThatThrownBy(() -> bare.mergeInto(model))
                    .isInstanceOf(CheckpointException.class).hasMessageContaining("the magnitude of " + QUERY);
        }
    }
}
