package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.CheckpointWriter;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.tensor.DType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AutoModelTest {
    private static final String GPT2 = """
            {"model_type": "gpt2", "vocab_size": 11, "n_positions": 8, "n_embd": 6, "n_layer": 2, "n_head": 2}
            """;
    private static final String BERT = """
            {"model_type": "bert", "vocab_size": 11, "max_position_embeddings": 8, "hidden_size": 6,
             "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 8, "type_vocab_size": 2}
            """;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"FLOAT16", "BFLOAT16"})
    void givesFloat32ParametersForHalfTheBits(DType stored) throws IOException {
        save(GPT2, Task.CAUSAL_LM, stored);
        try (Model model = AutoModel.load(folder);
                Checkpoint checkpoint = Checkpoint.open(folder)) {
            Scopes.run(() -> model.named(model.network().tensors()).forEach((name, tensor) -> {
                assertThat(DType.of(tensor)).isEqualTo(DType.FLOAT32);
                assertThat(checkpoint.info(name).dtype()).isEqualTo(stored);
                assertThat(tensor.equal(checkpoint.tensor(name).to(DType.FLOAT32.scalarType()))).isTrue();
            }));
        }
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"BFLOAT16", "FLOAT16", "FLOAT64"})
    void computesInTheTypeThatIsAskedFor(DType precision) throws IOException {
        for (String json : new String[] {GPT2, BERT}) {
            Task task = json.equals(GPT2) ? Task.CAUSAL_LM : Task.MASKED_LM;
            save(json, task, precision);
            float[] expected;
            try (Model model = AutoModel.load(folder)) {
                expected = logits(model);
            }
            try (Model model = AutoModel.load(folder, task, LoadMode.STRICT, precision).model()) {
                model.network().tensors().values()
                        .forEach(tensor -> assertThat(DType.of(tensor)).isEqualTo(precision));
                assertThat(logits(model)).containsExactly(expected, within(0.02f));

                Path again = folder.resolve("again");
                model.save(again);
                assertThat(Files.readString(again.resolve("config.json"))).contains('"' + precision.configName() + '"');
                assertThat(again.resolve("model.safetensors"))
                        .hasSameBinaryContentAs(folder.resolve("model.safetensors"));
            }
        }
    }

    @Test
    void startsANewHeadInTheTypeThatIsAskedFor() throws IOException {
        save(BERT, Task.BASE, DType.FLOAT32);
        AutoModel.Loaded loaded =
                AutoModel.load(folder, Task.SEQUENCE_CLASSIFICATION, LoadMode.NEW_HEAD, DType.BFLOAT16);
        try (Model model = loaded.model()) {
            assertThat(loaded.report().missing()).isNotEmpty();
            model.network().tensors().values()
                    .forEach(tensor -> assertThat(DType.of(tensor)).isEqualTo(DType.BFLOAT16));
        }
    }

    @Test
    void refusesAPrecisionThatNoModelHas() {
        assertThatThrownBy(() -> AutoModel.load(folder, Task.BASE, LoadMode.DEFAULT, DType.INT8))
                .isInstanceOf(JformersException.class)
                .hasMessage("precision: got int8, allowed [float32, bfloat16, float16, float64]");
    }

    @Test
    void readsATieThatTheWeightsContradictAsNoTie() throws IOException {
        save(GPT2, Task.CAUSAL_LM, DType.FLOAT32);
        float[] tied;
        try (Model model = AutoModel.load(folder)) {
            tied = logits(model);
        }
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Scopes.run(() -> {
                Map<String, Tensor> weights = new LinkedHashMap<>(checkpoint.tensors());
                weights.put("lm_head.weight", weights.get("transformer.wte.weight").neg());
                CheckpointWriter.write(folder, weights);
            });
        }
        String reason = "the model ties lm_head.weight to transformer.wte.weight, but they differ in the checkpoint";

        AutoModel.Loaded loaded = AutoModel.load(folder, Task.CAUSAL_LM, LoadMode.DEFAULT);
        try (Model model = loaded.model()) {
            assertThat(loaded.report().untied()).containsExactly(Map.entry("lm_head.weight", reason));
            assertThat(loaded.report().exact()).isFalse();
            float[] logits = logits(model);
            for (int i = 0; i < logits.length; i++) {
                assertThat(logits[i]).isCloseTo(-tied[i], within(1e-6f));
            }
            model.save(folder.resolve("again"));
            AutoModel.load(folder.resolve("again"), Task.CAUSAL_LM, LoadMode.STRICT).model().close();
        }
        assertThatThrownBy(() -> AutoModel.load(folder, Task.CAUSAL_LM, LoadMode.STRICT))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "vocab_size, 2147483647, ask for more than the .* bytes of memory",
        "n_embd, 2147483646, ask for more than the .* bytes of memory",
        "n_positions, 2147483647, ask for more than the .* bytes of memory",
        "n_inner, 2147483647, ask for more than the .* bytes of memory",
        "n_layer, 100000, ask for more than the .* bytes of memory",
        "n_layer, 2147483647, 'n_layer has an unsupported value, got 2147483647, allowed at most 100000'",
        "num_labels, 2147483647, 'num_labels has an unsupported value'"
    })
    void refusesSizesThatTheWeightsCannotHave(String key, long value, String message) throws IOException {
        save(GPT2, Task.CAUSAL_LM, DType.FLOAT32);
        Path file = folder.resolve("config.json");
        ObjectNode json = (ObjectNode) new JsonMapper().readTree(Files.readString(file));
        Files.writeString(file, json.put(key, value).toString());
        assertThatThrownBy(() -> AutoModel.load(folder))
                .isInstanceOf(ConfigException.class)
                .hasMessageFindingMatch(message)
                .hasMessageEndingWith(", in " + file);
    }

    @Test
    void refusesAConfigurationBeyondItsLimit() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(folder.resolve("config.json").toFile(), "rw")) {
            file.setLength(1L << 32);
        }
        assertThatThrownBy(() -> AutoModel.load(folder))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("got 4294967296 bytes, allowed at most 50000000");
    }

    /** A random model with its weights in another type. */
    private void save(String json, Task task, DType stored) throws IOException {
        try (Model model = AutoModel.create(AutoConfig.parse(new JsonMapper().readTree(json), "test"), task, 3)) {
            model.save(folder);
            Scopes.run(() -> {
                Map<String, Tensor> weights = new LinkedHashMap<>();
                model.named(model.network().tensors())
                        .forEach((name, tensor) -> weights.put(name, tensor.to(stored.scalarType())));
                CheckpointWriter.write(folder, weights);
            });
        }
    }

    private static float[] logits(Model model) {
        try (NoGrad noGrad = new NoGrad()) {
            return Scopes.get(() -> Tensors.toFloats(
                    model.forward(ModelInputs.of(Tensors.ofLongs(new long[][] {{1, 5, 10}, {2, 3, 4}}))).logits()));
        }
    }
}
