package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.SafetensorsFile;
import org.jformers.model.ConfigException;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.gguf.GgufHeadWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and outputs of tools/golden/make_gguf_family_fixtures.py. */
class GgufModelsTest {
    @TempDir
    private Path folder;

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(GgufModelsTest.class.getResource("/gguf/" + name), name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "llama3", "mistral", "qwen2", "qwen3", "gemma2", "gemma3", "gpt2", "bert", "roberta", "distilbert", "t5",
        "t5-gated", "t5-encoder"
    })
    void computesWhatTransformersComputes(String name) {
        try (Model model = AutoModel.load(resource(name + ".gguf"));
                SafetensorsFile golden = SafetensorsFile.open(resource("outputs.safetensors"));
                NoGrad noGrad = new NoGrad()) {
            assertThat(model.report().unexpected()).isEmpty();
            Scopes.run(() -> {
                Tensor expected = golden.tensor(name + ".out");
                Tensor got = output(model, golden.tensor(name + ".ids"));
                assertThat(got.shape()).isEqualTo(expected.shape());
                double difference = got.sub(expected).abs().max().item_float();
                assertThat(difference).as("greatest difference").isLessThan(1e-4);
                assertThat(expected.std().item_float()).as("spread").isGreaterThan(0.1f);
            });
        }
    }

    private static Tensor output(Model model, Tensor ids) {
        if (model.takes().contains("decoder_input_ids")) {
            Tensor decoder = Tensors.ofLongs(new long[][] {{30, 31, 32, 33, 34}, {35, 36, 37, 38, 39}});
            return model.forward(ModelInputs.of(Map.of("input_ids", ids, "decoder_input_ids", decoder))).logits();
        }
        var output = model.forward(ModelInputs.of(ids));
        return output.find("logits").or(() -> output.find("last_hidden_state")).orElseThrow();
    }

    @Test
    void saysWhatTheModelsAre() {
        assertThat(ConfigJson.of(AutoConfig.load(resource("llama3.gguf"))).toString())
                .contains("\"model_type\":\"llama\"", "\"rope_type\":\"llama3\"", "\"factor\":8.0",
                        "\"original_max_position_embeddings\":32", "\"rope_theta\":500.0", "\"rms_norm_eps\":1.0E-5");
        assertThat(ConfigJson.of(AutoConfig.load(resource("gemma3.gguf"))).get("layer_types").toString())
                .startsWith("[\"sliding_attention\"").endsWith("\"full_attention\"]");
        assertThat(ConfigJson.of(AutoConfig.load(resource("t5-encoder.gguf"))).get("architectures").toString())
                .isEqualTo("[\"T5EncoderModel\"]");
        assertThat(AutoConfig.readsGguf("qwen3")).isTrue();
        assertThat(AutoConfig.readsGguf("xlnet")).isFalse();
    }

    @Test
    void refusesOtherArchitecturesByName() throws IOException {
        assertThatThrownBy(() -> AutoConfig.load(changed("bert.gguf", "general.architecture", 12, 'x')))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("got general.architecture xert, allowed [t5, t5encoder, gpt2, bert, llama")
                .hasMessageEndingWith("refused.gguf");
        // A tensor that no folder has.
        assertThatThrownBy(() -> AutoModel.load(changed("bert.gguf", "blk.0.attn_", 0, 'x')).close())
                .hasMessageContaining("tensor 'blk.0.attn_x.weight' has no counterpart in a model folder");
        // Queries that are not divided by what llama.cpp takes for granted would be another model.
        assertThatThrownBy(() -> AutoConfig.load(changed("gemma3.gguf", "attention.value_length", 4, 9)))
                .hasMessageContaining("got gemma3.attention.value_length 9, allowed 16");
    }

    @Test
    void refusesPartsOfAModelAndLayersWithoutTensors() throws IOException {
        Path file = folder.resolve("part.gguf");
        Map<String, Object> values = new TreeMap<>(Map.of("general.architecture", "llama", "llama.block_count", 0));
        values.put("split.count", 3);
        Files.write(file, GgufHeadWriter.head(values, List.of()));
        assertThatThrownBy(() -> AutoConfig.load(file)).isInstanceOf(ConfigException.class)
                .hasMessage("gguf: got one of 3 files, allowed a model in one file; llama-gguf-split merges them, in "
                        + file);
        values.remove("split.count");
        values.put("llama.block_count", 2_000_000_000);
        Files.write(file, GgufHeadWriter.head(values, List.of()));
        assertThatThrownBy(() -> AutoConfig.load(file)).hasMessage(
                "gguf: got llama.block_count 2000000000, allowed no more than the 0 tensors, in " + file);
    }

    /** A file with one byte changed: so many bytes behind the first place of a text. */
    private Path changed(String name, String text, int behind, int value) throws IOException {
        byte[] file = Files.readAllBytes(resource(name));
        int at = new String(file, StandardCharsets.ISO_8859_1).indexOf(text);
        assertThat(at).isPositive();
        file[at + text.length() + behind] = (byte) value;
        return Files.write(folder.resolve("refused.gguf"), file);
    }
}
