package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.SafetensorsFile;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.DType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Folders and values of tools/golden/make_packed_fixtures.py. */
class PackedFoldersTest {
    private static final String QUERY = "model.layers.0.self_attn.q_proj";

    @TempDir
    private Path folder;

    private static Path resource(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(PackedFoldersTest.class.getResource("/packed/" + name), name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    static Stream<String> folders() throws IOException {
        try (Stream<Path> all = Files.list(resource("gptq").getParent())) {
            return all.map(path -> path.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("folders")
    void computesWithTheNumbersThatThePartsStandFor(String name) {
        Path from = resource(name);
        Scopes.run(() -> {
            try (Model model = AutoModel.load(from);
                    Checkpoint checkpoint = Checkpoint.open(from);
                    SafetensorsFile golden = SafetensorsFile.open(from.resolve("golden.safetensors"));
                    NoGrad noGrad = new NoGrad()) {
                assertThat(checkpoint.tensor(QUERY + ".weight").equal(golden.tensor("q_proj")))
                        .as("bit for bit").isTrue();
                assertThat(checkpoint.names()).hasSize(11);
                assertThat(checkpoint.info(QUERY + ".weight").dtype()).isEqualTo(DType.FLOAT32);
                assertThat(model.report().exact()).isTrue();
                Tensor logits = model.forward(ModelInputs.of(golden.tensor("in.input_ids"))).logits();
                assertThat(logits.sub(golden.tensor("out.logits")).abs().max().item_float()).isLessThan(1e-4f);
                assertThat(logits.std().item_float()).isGreaterThan(0.1f);
            }
        });
    }

    @Test
    void saysThatWeightsAreQuantized() {
        assertThat(FolderFiles.of(resource("gptq"), FolderFiles.weights(resource("gptq"))))
                .contains(new FolderFiles.Entry("model.safetensors", true,
                        "weights, quantized (gptq) and dequantized as they are loaded"));
    }

    /** What is saved is not quantized any more, and does not say so. */
    @Test
    void savesPlainFolders() throws IOException {
        try (Model model = AutoModel.load(resource("gptq"))) {
            model.save(folder);
        }
        assertThat(Files.readString(folder.resolve("config.json"))).doesNotContain("quantization");
        try (Checkpoint saved = Checkpoint.open(folder)) {
            assertThat(saved.names()).contains(QUERY + ".weight").doesNotContain(QUERY + ".qweight");
        }
    }

    @Test
    void leavesNoNativeHandles() {
        readOnce();
        long before = Pointer.totalCount();
        for (int i = 0; i < 3; i++) {
            readOnce();
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    private static void readOnce() {
        try (Checkpoint checkpoint = Checkpoint.open(resource("bnb-nf4"))) {
            Scopes.run(() -> checkpoint.names().forEach(checkpoint::tensor));
        }
    }

    @Test
    void refusesOtherSettings() throws IOException {
        assertSetting("gptq", s -> s.put("bits", 3), "quantization_config (gptq): got bits 3, allowed [4, 8]");
        assertSetting("gptq", s -> s.put("group_size", 0), "got group_size 0, allowed -1 or a number above 0");
        assertSetting("gptq", s -> s.put("checkpoint_format", "marlin"), "got checkpoint_format \"marlin\"");
        assertSetting("gptq", s -> s.putObject("dynamic").put("-:.*", 1), "got dynamic {\"-:.*\":1}, allowed none");
        assertSetting("awq", s -> s.put("version", "gemv"), "quantization_config (awq): got version \"gemv\"");
        assertSetting("awq", s -> s.put("zero_point", false), "got zero_point false, allowed true");
        assertSetting("bnb-int8", s -> s.put("load_in_8bit", false), "got load_in_4bit false, allowed true there or");
        assertSetting("fp8-block", s -> s.put("fmt", "e5m2"), "got fmt \"e5m2\", allowed [e4m3]");
        assertSetting("fp8-block", s -> s.putArray("weight_block_size").add(0).add(1), "allowed two numbers above 0");
        assertSetting("compressed", s -> s.put("format", "nvfp4-pack-quantized"),
                "got format \"nvfp4-pack-quantized\"");
        assertSetting("compressed", s -> s.put("format", "pack-quantized"), "weights of type int, 4 or 8 bits");
        assertSetting("compressed", s -> ((ObjectNode) s.at("/config_groups/group_0/weights")).put("type", "int"),
                "allowed weights of type float, 8 bits, by tensor, channel or block");
        assertSetting("gptq", s -> s.put("quant_method", "aqlm"), "got quantization_config with quant_method aqlm,"
                + " allowed weights that are not quantized, or by [gptq, awq, bitsandbytes, fp8, fbgemm_fp8,"
                + " compressed-tensors]");
    }

    /** Each setting with wrong values: a result, or the documented exception in one line. */
    @ParameterizedTest
    @MethodSource("folders")
    void endsInAResultOrInTheDocumentedExceptionWhateverASettingIs(String name) throws IOException {
        JsonMapper json = new JsonMapper();
        String config = Files.readString(resource(name).resolve("config.json"));
        Files.copy(resource(name).resolve("model.safetensors"), folder.resolve("model.safetensors"));
        int refused = 0;
        for (String key : names(json.readTree(config).get("quantization_config"))) {
            for (String value : new String[] {"null", "-1", "0", "7", "1e30", "9999999999", "true", "\"x\"", "[]",
                "[1]", "[0, -1]", "{}", "{\"x\": {\"weights\": 3}}"}) {
                ObjectNode changed = (ObjectNode) json.readTree(config);
                changed.get("quantization_config").findParents(key).forEach(parent -> {
                    if (parent instanceof ObjectNode object) {
                        object.set(key, read(json, value));
                    }
                });
                Files.writeString(folder.resolve("config.json"), changed.toString());
                try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                    Scopes.run(() -> checkpoint.names().forEach(checkpoint::tensor));
                } catch (JformersException e) {
                    refused++;
                    assertThat(e.getMessage().lines()).as(key + " " + value).hasSize(1);
                }
            }
        }
        // Those two say nothing but the method.
        assertThat(refused == 0).isEqualTo(name.equals("fbgemm") || name.equals("fp8-tensor"));
    }

    private static Set<String> names(JsonNode node) {
        Set<String> names = new TreeSet<>();
        node.fieldNames().forEachRemaining(names::add);
        node.forEach(child -> names.addAll(names(child)));
        return names;
    }

    private static JsonNode read(JsonMapper json, String value) {
        try {
            return json.readTree(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertSetting(String name, Consumer<ObjectNode> change, String message) throws IOException {
        JsonMapper json = new JsonMapper();
        ObjectNode config = (ObjectNode) json.readTree(Files.readString(resource(name).resolve("config.json")));
        change.accept((ObjectNode) config.get("quantization_config"));
        Files.writeString(folder.resolve("config.json"), config.toString());
        Files.deleteIfExists(folder.resolve("model.safetensors"));
        Files.copy(resource(name).resolve("model.safetensors"), folder.resolve("model.safetensors"));
        assertRefused(message);
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> AutoModel.load(folder).close()).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).hasMessageContaining(folder.toString())
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }

    @Test
    void refusesPartsThatDoNotFit() throws IOException {
        assertParts("gptq", parts -> parts.remove(QUERY + ".scales"),
                "quantized weight '" + QUERY + ".weight' lacks '" + QUERY + ".scales'");
        assertParts("gptq", parts -> parts.replace(QUERY + ".qzeros", parts.get(QUERY + ".qweight")),
                "got '" + QUERY + ".qzeros' of shape [8, 64], allowed [2, 8]");
        assertParts("gptq", parts -> parts.replace(QUERY + ".scales", parts.get(QUERY + ".g_idx")),
                "got '" + QUERY + ".scales' of int32, allowed float16, bfloat16, float32");
        assertParts("gptq", parts -> parts.computeIfPresent(QUERY + ".g_idx", (n, t) -> t.add(new Scalar(1))),
                "got a group in g_idx 2, allowed 0 to 1");
        assertParts("awq", parts -> parts.computeIfPresent(QUERY + ".scales", (n, t) -> t.narrow(0, 0, 1)),
                "got '" + QUERY + ".scales' of shape [1, 64], allowed [2, 64]");
        assertParts("bnb-int8",
                parts -> parts.computeIfPresent(QUERY + ".weight_format", (n, t) -> t.add(new Scalar(1))),
                "got another weight_format 1, allowed 0 (rows)");
        assertParts("bnb-nf4", parts -> parts.computeIfPresent(QUERY + ".weight.quant_state.bitsandbytes__nf4",
                (n, t) -> t.narrow(0, 0, 20)), "no JSON, allowed an object");
        assertParts("bnb-nf4", parts -> parts.remove(QUERY + ".weight.nested_absmax"), "lacks");
        assertParts("fp8-block", parts -> parts.computeIfPresent(QUERY + ".weight_scale_inv",
                (n, t) -> t.narrow(0, 0, 2)), "of shape [2, 2], allowed [3, 2]");
        assertParts("fbgemm", parts -> parts.remove(QUERY + ".weight_scale"), "lacks");
        assertParts("integers-8", parts -> parts.remove(QUERY + ".weight_scale"), "lacks");
        assertParts("integers-4", parts -> parts.computeIfPresent(QUERY + ".weight_scale",
                (n, t) -> t.narrow(0, 0, 63)), "got a weight_scale of shape [63, 2]");
        assertParts("integers-4", parts -> parts.computeIfPresent(QUERY + ".weight_zero_point",
                (n, t) -> t.narrow(0, 0, 7)), "got a weight_zero_point of shape [7, 2], allowed 16 elements");
        assertParts("integers-4", parts -> parts.computeIfPresent(QUERY + ".weight_shape",
                (n, t) -> t.add(new Scalar(9))), "got a weight_shape of 73 x 73 for words of [64, 8]");
    }

    /** Zeros are what a scale of zero makes; infinity is damage. */
    @Test
    void refusesScalesThatAreInfiniteOrNone() throws IOException {
        for (String name : new String[] {"gptq:scales", "awq:scales", "bnb-int8:SCB", "bnb-fp4:weight.absmax",
            "fp8-block:weight_scale_inv", "integers-8:weight_scale"}) {
            String part = QUERY + "." + name.substring(name.indexOf(':') + 1);
            String from = name.substring(0, name.indexOf(':'));
            for (double scale : new double[] {Double.POSITIVE_INFINITY, Double.NaN}) {
                assertParts(from, parts -> parts.get(part).fill_(new Scalar(scale)),
                        "a scale of quantized weights makes them infinite or no numbers, allowed are finite ones, of"
                                + " weight '" + QUERY + ".weight'");
            }
            write(from, parts -> parts.get(part).fill_(new Scalar(0.0)));
            Scopes.run(() -> {
                try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                    assertThat(checkpoint.tensor(QUERY + ".weight").abs().max().item_float()).isZero();
                }
            });
        }
    }

    private void assertParts(String name, Consumer<Map<String, Tensor>> change, String message) throws IOException {
        write(name, change);
        assertRefused(message);
        assertThatThrownBy(() -> {
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                Scopes.run(() -> checkpoint.tensor(QUERY + ".weight"));
            }
        }).isInstanceOf(CheckpointException.class);
    }

    private void write(String name, Consumer<Map<String, Tensor>> change) throws IOException {
        Files.copy(resource(name).resolve("config.json"), folder.resolve("config.json"),
                StandardCopyOption.REPLACE_EXISTING);
        Scopes.run(() -> {
            try (SafetensorsFile file = SafetensorsFile.open(resource(name).resolve("model.safetensors"))) {
                Map<String, Tensor> parts = new LinkedHashMap<>();
                file.tensors().keySet().forEach(key -> parts.put(key, file.read(key)));
                change.accept(parts);
                parts.replaceAll((key, tensor) -> tensor.contiguous());
                SafetensorsWriter.write(folder.resolve("model.safetensors"), parts);
            }
        });
    }
}
