package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.SafetensorsFile;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.nn.Linear;
import org.jformers.nn.Quantization;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Models whose matrices are in 8 or 4 bits, and the folders that they make. */
class QuantizedFoldersTest {
    private static final Map<String, String> CONFIGS = Map.of(
            // queries, keys and values in one matrix, all transposed, the output layer the table of tokens
            "gpt2", """
            {"model_type": "gpt2", "n_embd": 64, "n_layer": 2, "n_head": 4, "vocab_size": 96, "n_positions": 64}""",
            // three stored matrices as one, grouped heads, an output layer of its own
            "llama", """
            {"model_type": "llama", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
             "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 97, "tie_word_embeddings": false}""",
            "bert", """
            {"model_type": "bert", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
             "num_attention_heads": 4, "vocab_size": 90, "max_position_embeddings": 64}""",
            "t5", """
            {"model_type": "t5", "d_model": 64, "d_ff": 96, "d_kv": 16, "num_layers": 2, "num_heads": 4,
             "vocab_size": 90, "decoder_start_token_id": 0}""");

    @TempDir
    private Path folder;

    static Stream<Arguments> kinds() {
        return Stream.of("int8", "int4", "int4-64")
                .flatMap(kind -> CONFIGS.keySet().stream().sorted().map(family -> Arguments.of(family, kind)));
    }

    private static Model create(String family) {
        try {
            JsonNode json = new ObjectMapper().readTree(CONFIGS.get(family));
            return AutoModel.create(AutoConfig.parse(json, family), task(family), 3);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Task task(String family) {
        return switch (family) {
            case "bert" -> Task.MASKED_LM;
            case "t5" -> Task.SEQ2SEQ_LM;
            default -> Task.CAUSAL_LM;
        };
    }

    private static float[] logits(Model model) {
        return Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                ModelInputs inputs = ModelInputs.of(Tensors.ofLongs(new long[] {5, 9, 11, 30, 7, 3}, 1, 6));
                if (model.takes().contains("decoder_input_ids")) {
                    inputs = inputs.with("decoder_input_ids", Tensors.ofLongs(new long[] {0, 4, 8}, 1, 3));
                }
                return Tensors.toFloats(model.forward(inputs).logits());
            }
        });
    }

    private static long quantized(Model model) {
        return model.network().linears().values().stream()
                .filter(map -> map.kernel() instanceof Linear.Quantized).count();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void whatIsSavedComputesTheSameWhenItIsLoaded(String family, String kind) {
        Quantization quantization = Quantization.named(kind);
        try (Model model = create(family)) {
            float[] plain = logits(model);
            quantization.applyTo(model.network());
            float[] quantized = logits(model);
            assertThat(quantized).isNotEqualTo(plain);
            model.save(folder);
            LoadRequest request = LoadRequest.of(task(family)).withDevice(Device.CPU);
            try (Model asked = AutoModel.load(folder, request.forInference()).model();
                    Model dense = AutoModel.load(folder, request).model();
                    Model again = AutoModel.load(folder, request.withQuantization(quantization)).model()) {
                assertThat(quantized(dense)).isZero();
                assertThat(quantized(asked)).isEqualTo(stored(model)).isPositive();
                assertThat(quantized(again)).isEqualTo(quantized(model));
                assertThat(again.report().exact()).isTrue();
                assertThat(logits(again)).containsExactly(quantized);
                // Vectors are not rounded where weights are those that were stored.
                assertThat(distance(logits(dense), quantized)).isLessThan(0.05 * size(quantized));
                assertThat(distance(logits(asked), quantized)).isLessThan(0.02 * size(quantized));
            }
        }
    }

    /** Quantized maps that a checkpoint has matrices of. */
    private static long stored(Model model) {
        return model.network().linears().values().stream()
                .filter(map -> map.kernel() instanceof Linear.Quantized && !map.isShared()).count();
    }

    private static double distance(float[] one, float[] other) {
        double most = 0;
        for (int i = 0; i < one.length; i++) {
            most = Math.max(most, Math.abs(one[i] - other[i]));
        }
        return most;
    }

    private static double size(float[] values) {
        return distance(values, new float[values.length]);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aCheckpointIsQuantizedWhileItIsRead(String family, String kind) {
        Quantization quantization = Quantization.named(kind);
        try (Model model = create(family)) {
            model.save(folder);
            quantization.applyTo(model.network());
            LoadRequest request = LoadRequest.of(task(family)).withDevice(Device.CPU).withQuantization(quantization);
            try (Model loaded = AutoModel.load(folder, request).model()) {
                assertThat(quantized(loaded)).isEqualTo(quantized(model)).isPositive();
                assertThat(logits(loaded)).containsExactly(logits(model));
            }
        }
    }

    @Test
    void gridsOfOtherMethodsStayInFourBits() throws Exception {
        for (String method : List.of("gptq", "awq", "integers-8", "integers-4")) {
            Path from = Path.of(QuantizedFoldersTest.class.getResource("/packed/" + method).toURI());
            try (Model asked = AutoModel.load(from, LoadRequest.DECLARED.withDevice(Device.CPU).forInference()).model();
                    Model dense = AutoModel.load(from, LoadRequest.DECLARED.withDevice(Device.CPU)).model()) {
                float[] exact = logits(dense);
                assertThat(quantized(asked)).as(method).isPositive();
                assertThat(distance(logits(asked), exact)).isLessThan(0.03 * size(exact));
            }
        }
    }

    @Test
    void otherProgramsFindTheirNames() throws IOException {
        try (Model model = create("llama")) {
            Quantization.int4().applyTo(model.network());
            model.save(folder);
        }
        JsonNode settings = new ObjectMapper().readTree(folder.resolve("config.json").toFile())
                .path("quantization_config");
        assertThat(settings.path("quant_method").asText()).isEqualTo("compressed-tensors");
        assertThat(settings.path("format").asText()).isEqualTo("pack-quantized");
        JsonNode first = settings.path("config_groups").path("group_0");
        assertThat(first.path("weights").path("num_bits").asInt()).isEqualTo(4);
        assertThat(first.path("targets").get(0).asText()).isEqualTo("model.layers.0.self_attn.q_proj");
        assertThat(settings.path("config_groups").path("group_1").path("targets").get(0).asText())
                .isEqualTo("lm_head");
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            String down = "model.layers.1.mlp.down_proj.";
            assertThat(file.tensors().get(down + "weight_packed").shape()).containsExactly(64L, 12L);
            assertThat(file.tensors().get(down + "weight_scale").shape()).containsExactly(64L, 3L);
            assertThat(file.tensors().get(down + "weight_zero_point").shape()).containsExactly(8L, 3L);
            assertThat(file.tensors()).doesNotContainKey(down + "weight");
        }
    }

    /** The example of the Javadoc, by hand. */
    @Test
    void wordsHoldTheirNumbersFromTheLowestBitsOn() throws IOException {
        try (Model model = create("llama")) {
            Quantization.int4().applyTo(model.network());
            model.save(folder);
        }
        String query = "model.layers.0.self_attn.q_proj.";
        Scopes.run(() -> {
            try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"));
                    Checkpoint checkpoint = Checkpoint.open(folder)) {
                int[] words = ints(file.tensor(query + "weight_packed"));
                int[] zeros = ints(file.tensor(query + "weight_zero_point"));
                float[] scales = Tensors.toFloats(file.tensor(query + "weight_scale"));
                float[] weight = Tensors.toFloats(checkpoint.tensor(query + "weight"));
                for (int at : new int[] {0, 7, 40, 64 * 9 + 33, 64 * 63 + 63}) {
                    int row = at / 64;
                    int column = at % 64;
                    int number = words[row * 8 + column / 8] >>> 4 * (column % 8) & 15;
                    int zero = zeros[row / 8 * 2 + column / 32] >>> 4 * (row % 8) & 15;
                    assertThat(weight[at]).isEqualTo(scales[row * 2 + column / 32] * (number - zero));
                }
            }
        });
    }

    private static int[] ints(Tensor words) {
        long[] wide = Tensors.toLongs(words.to(ScalarType.Long));
        int[] ints = new int[wide.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) wide[i];
        }
        return ints;
    }

    @Test
    void damagedPartsAreNamed() {
        try (Model model = create("llama")) {
            Quantization.int8().applyTo(model.network());
            model.save(folder);
        }
        String name = "model.layers.0.mlp.down_proj.weight_scale";
        Path file = folder.resolve("model.safetensors");
        Scopes.run(() -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            try (SafetensorsFile saved = SafetensorsFile.open(file)) {
                saved.tensors().keySet().forEach(one -> tensors.put(one, saved.read(one)));
            }
            tensors.put(name, tensors.get(name).narrow(0, 0, 63).contiguous());
            SafetensorsWriter.write(file, tensors);
        });
        assertThatThrownBy(() -> AutoModel.load(folder)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("weight_scale of shape [63, 1]").hasMessageContaining("down_proj");
    }

    @Test
    void devicesWithoutSuchProductsAreRefused() {
        try (Model model = create("bert")) {
            model.save(folder);
        }
        LoadRequest request = LoadRequest.of(Task.MASKED_LM).withQuantization(Quantization.int8());
        assertThatThrownBy(() -> AutoModel.load(folder, request.withDevice(Device.META)))
                .isInstanceOf(JformersException.class).hasMessageContaining("quantized weights: got device meta");
    }
}
