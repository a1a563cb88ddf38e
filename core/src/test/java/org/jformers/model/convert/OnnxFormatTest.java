package org.jformers.model.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against ONNX Runtime, on exports that tools/golden/make_onnx_fixtures.py made. */
final class OnnxFormatTest {
    /** Two orders of the same sums in float32. */
    private static final float FLOAT32 = 1e-5f;

    @TempDir
    private Path folder;

    private static Path resource(String name) {
        try {
            return Path.of(OnnxFormatTest.class.getResource("/onnx/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode cases() throws IOException {
        return new ObjectMapper().readTree(resource("cases.json").toFile());
    }

    static List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        cases().fieldNames().forEachRemaining(names::add);
        return names;
    }

    @ParameterizedTest
    @MethodSource("names")
    void anExportBecomesTheModelThatItWas(String name) throws IOException {
        assertThat(furthest(name)).isLessThan(FLOAT32);
    }

    /** Converts a case, compares its config.json and gives the largest difference of its outputs. */
    private float furthest(String name) throws IOException {
        Path made = folder.resolve(name);
        ModelConversion.convert(resource(name + ".onnx"), made);
        JsonNode expected = cases().get(name);
        JsonNode config = new ObjectMapper().readTree(made.resolve("config.json").toFile());
        expected.get("config").properties().forEach(entry -> {
            String key = config.has(entry.getKey()) ? entry.getKey() : entry.getKey()
                    .replace("num_attention_heads", "n_heads").replace("num_hidden_layers", "n_layers");
            assertThat(config.get(key)).as(key).isEqualTo(entry.getValue());
        });
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        float[] wanted = new ObjectMapper().convertValue(expected.get("output"), float[].class);
        try (Model model = AutoModel.load(made); NoGrad noGrad = new NoGrad()) {
            return Scopes.get(() -> {
                expected.get("inputs").properties().forEach(entry -> inputs.put(entry.getKey(), Tensors.ofLongs(
                        new ObjectMapper().convertValue(entry.getValue(), long[][].class))));
                ModelOutput output = model.forward(ModelInputs.of(inputs));
                float[] got = Tensors.toFloats(output.tensors().values().iterator().next());
                assertThat(got).hasSameSizeAs(wanted);
                float furthest = 0;
                for (int i = 0; i < got.length; i++) {
                    furthest = Math.max(furthest, Math.abs(got[i] - wanted[i]));
                }
                return furthest;
            });
        }
    }

    @Test
    void aJarIsReadWithTheTokenizerNextToItsModel() throws IOException {
        Path jar = jar(Map.of(
                "README", bytes("about"), "models/small.onnx", Files.readAllBytes(resource("bert-11.onnx")),
                "models/small-tokenizer.json", bytes("{}"), "models/vocab.txt", bytes("a"),
                "tokenizer_config.json", bytes("elsewhere")));
        Path made = folder.resolve("made");
        ModelConversion.convert(jar, made);
        assertThat(made.resolve("tokenizer.json")).hasContent("{}");
        assertThat(made.resolve("vocab.txt")).hasContent("a");
        assertThat(made.resolve("tokenizer_config.json")).doesNotExist();
        Path beside = folder.resolve("plain");
        ModelConversion.convert(resource("bert-11.onnx"), beside);
        assertThat(made.resolve("model.safetensors"))
                .hasBinaryContent(Files.readAllBytes(beside.resolve("model.safetensors")));
    }

    @Test
    void theTokenizerOfTheModelsNameGoesFirst() throws IOException {
        Path file = Files.copy(resource("distilbert-14.onnx"), folder.resolve("model"));
        Files.write(folder.resolve("tokenizer.json"), bytes("{\"other\": 1}"));
        Files.write(folder.resolve("model-tokenizer.json"), bytes("{}"));
        Path made = folder.resolve("made");
        ModelConversion.convert(file, made);
        assertThat(made.resolve("tokenizer.json")).hasContent("{}");
    }

    @Test
    void aJarMustHoldOneModelOfTheSizeItSays() throws IOException {
        byte[] model = Files.readAllBytes(resource("bert-11.onnx"));
        refused(jar(Map.of("a.onnx", model, "b.onnx", model)), "a.onnx", "b.onnx", "allowed one .onnx in a jar");
        refused(jar(Map.of("a.onnx", new byte[1 << 24])), "allowed at most");
        refused(jar(Map.of("a.onnx", Files.readAllBytes(resource("bert-beside-18.onnx")))),
                "bert-beside-18.onnx.data", "allowed none outside");
        refused(jar(Map.of("a.txt", model)), "unknown format");
    }

    @Test
    void tensorsInOtherFilesStayInTheFolder() throws IOException {
        byte[] model = Files.readAllBytes(resource("bert-beside-18.onnx"));
        String name = "bert-beside-18.onnx.data";
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Path file = inner.resolve("model.onnx");
        Files.write(file, model);
        refused(file, "cannot read " + name);
        Path outside = Files.copy(resource(name), folder.resolve("outside"));
        Files.createSymbolicLink(inner.resolve(name), outside);
        refused(file, "allowed files in the folder of the model");
        Files.delete(inner.resolve(name));
        Files.write(inner.resolve(name), new byte[100]);
        refused(file, "has 100 bytes");
        Files.write(file, replaced(model, name, "../" + "o".repeat(name.length() - 3)));
        refused(file, "allowed files in the folder of the model");
        Files.write(file, replaced(model, name, "/" + "o".repeat(name.length() - 1)));
        refused(file, "allowed files in the folder of the model");
    }

    @Test
    void aFileThatIsCutOffAnywhereIsRefusedInOneLine() throws IOException {
        byte[] model = Files.readAllBytes(resource("bert-11-int8.onnx"));
        for (int length = 0; length < model.length; length += 1009) {
            refused(file(Arrays.copyOf(model, length)), "ONNX");
        }
    }

    @Test
    void bytesThatChangeEndInAModelOrInOneLine() throws IOException {
        byte[] model = Files.readAllBytes(resource("bert-11-int8.onnx"));
        Random random = new Random(11);
        for (int i = 0; i < 200; i++) {
            byte[] changed = model.clone();
            changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            try {
                Path file = file(changed);
                Scopes.run(() -> new OnnxFormat().read(file));
            } catch (CheckpointException e) {
                assertThat(e.getMessage()).startsWith("ONNX: ").doesNotContain("\n");
            }
        }
    }

    @Test
    void messagesThatNoExporterWritesAreRefused() throws IOException {
        byte[] empty = {};
        refused(file(empty), "has no graph");
        refused(file(field(7, 0xff, 0xff, 0xff, 0xff, 0x0f)), "4294967295 bytes where 0 are left");
        refused(file(field(7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)), "where 0 are left");
        refused(file(field(7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)), "more than ten bytes");
        refused(file(new byte[] {0}), "the number 0");
        refused(file(new byte[] {7 << 3 | 3}), "wire type 3");
        refused(file(new byte[] {7 << 3, 1}), "has a number, allowed bytes");
        refused(file(join(message(7), message(7))), "two graphs");
        refused(file(join(message(7), message(25))), "functions");
        refused(file(message(7, message(15))), "sparse");
        refused(file(message(7, message(1, message(4, bytes("Attention")), message(7, bytes("com.microsoft"))))),
                "com.microsoft.Attention");
        refused(file(message(7, message(1, message(4, bytes("If")), message(5, message(1, bytes("then_branch")),
                message(6, message(1)))))), "then_branch");
        byte[] strings = {2 << 3, 8};
        refused(file(message(7, message(5, strings))), "element type 8", "FLOAT16");
        byte[] huge = {1 << 3, -1, -1, -1, -1, 7, 1 << 3, -1, -1, -1, -1, 7, 2 << 3, 1};
        refused(file(message(7, message(5, huge))), "2147483647, 2147483647");
        byte[] negative = {1 << 3, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 2 << 3, 1};
        refused(file(message(7, message(5, negative))), "[-1]");
        byte[] three = {1 << 3, 3, 2 << 3, 1};
        refused(file(message(7, message(5, three, message(9, new byte[8])))), "8 bytes, allowed 12");
        byte[] nested = empty;
        for (int depth = 0; depth < 10_000; depth++) {
            nested = message(7, nested);
        }
        refused(file(nested), "ONNX");
    }

    @Test
    void otherArchitecturesAreRefusedByTheirWeights() throws IOException {
        byte[] model = Files.readAllBytes(resource("bert-18-inside.onnx"));
        refused(file(replaced(model, "word_embeddings", "wurd_embeddings")), "allowed 1: the encoders");
        refused(file(replaced(model, "self.query", "self.quest", "self/query", "self/quest")),
                "got an architecture with weights such as", "self.quest", "Bert, DistilBert, Roberta");
        refused(file(replaced(model, "embeddings.LayerNorm.bias", "embeddings.LayerNurm.bias")), "LayerNurm");
        refused(file(replaced(model, "Where", "Trilu")), "allowed encoders");
        refused(file(replaced(model, "Erf", "Exp")), "got an activation of", "Exp");
        refused(file(replaced(Files.readAllBytes(resource("bert-11-int8.onnx")), "MatMulInteger", "QLinearMatMul")),
                "QLinearMatMul");
    }

    private void refused(Path file, String... parts) throws IOException {
        Path out = Files.createTempDirectory(folder, "out");
        assertThatThrownBy(() -> ModelConversion.convert(file, out)).isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(parts).hasMessageNotContaining("\n");
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("model.onnx"), bytes);
    }

    private Path jar(Map<String, byte[]> entries) throws IOException {
        Path jar = folder.resolve("some.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return jar;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The bytes with texts replaced by others of the same length. */
    private static byte[] replaced(byte[] bytes, String... pairs) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        for (int i = 0; i < pairs.length; i += 2) {
            assertThat(text).contains(pairs[i]);
            assertThat(pairs[i + 1]).hasSameSizeAs(pairs[i]);
            text = text.replace(pairs[i], pairs[i + 1]);
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A field of bytes with what follows its tag. */
    private static byte[] field(int number, int... after) {
        byte[] bytes = new byte[after.length];
        for (int i = 0; i < after.length; i++) {
            bytes[i] = (byte) after[i];
        }
        return join(tag(number), bytes);
    }

    private static byte[] tag(int number) {
        int tag = number << 3 | 2;
        return tag < 128 ? new byte[] {(byte) tag} : new byte[] {(byte) (tag | 128), (byte) (tag >> 7)};
    }

    /** A field that is a message, text or bytes. */
    private static byte[] message(int number, byte[]... content) {
        byte[] all = join(content);
        byte[] length = {(byte) (all.length | 128), (byte) (all.length >> 7 | 128), (byte) (all.length >> 14)};
        return join(tag(number), length, all);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
