package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.jformers.model.auto.WeightForm.number;
import static org.jformers.model.auto.WeightForm.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.jformers.JformersException;
import org.jformers.Measured;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.surgery.LoraAdapter;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.vision.ImageFile;
import org.jformers.vision.ImageProcessor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small files of a folder that ask for gigabytes, and links to files that nobody meant to show. */
final class HostileFoldersTest {
    private static final int WIDTH = 612;
    private static final String BPE = "'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1}, 'merges': []}";

    @TempDir
    private Path folder;

    @BeforeEach
    void startTheEngine() {
        Scopes.run(() -> Tensors.ofLongs(new long[1]));
    }

    private void write(String name, String json) {
        try {
            Files.writeString(folder.resolve(name), json.replace('\'', '"'));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The call ends in the documented exception, within the limits of hostile files. */
    private static void refused(String what, String message, Runnable call) {
        Measured.hostile(what, () -> assertThatThrownBy(call::run).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).satisfies(e -> assertThat(e.getMessage()).hasLineCount(1)));
    }

    // Weights: a pickle whose tensors all lie in one storage of six megabytes.

    private static String tensor(String name, String sizes, String strides) {
        return text(name) + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n"
                + text("0") + text("cpu") + number(4L * WIDTH * WIDTH) + "tQK\0" + sizes + strides + "\u0089}tRs";
    }

    private static String matrix(String name, long rows, long columns) {
        return tensor(name, number(rows) + number(columns) + "\u0086", number(columns) + "K\1\u0086");
    }

    private static String vector(String name, long size) {
        return tensor(name, number(size) + "\u0085", "K\1\u0085");
    }

    private void writePickle(String tensors) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("a/data.pkl", ("\u0080\u0002}" + tensors + ".").getBytes(StandardCharsets.ISO_8859_1));
        entries.put("a/data/0", new byte[16 * WIDTH * WIDTH]);
        Files.write(folder.resolve("pytorch_model.bin"), WeightForm.archive(entries));
    }

    @Test
    void countsASharedStorageOnce() throws IOException {
        int layers = 700;
        StringBuilder tensors = new StringBuilder(matrix("wte.weight", 7, WIDTH)).append(matrix("wpe.weight", 7, WIDTH))
                .append(vector("ln_f.weight", WIDTH)).append(vector("ln_f.bias", WIDTH));
        for (int i = 0; i < layers; i++) {
            String layer = "h." + i + ".";
            for (String norm : List.of("ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias", "attn.c_proj.bias",
                    "mlp.c_proj.bias")) {
                tensors.append(vector(layer + norm, WIDTH));
            }
            tensors.append(vector(layer + "attn.c_attn.bias", 3 * WIDTH))
                    .append(vector(layer + "mlp.c_fc.bias", 4 * WIDTH))
                    .append(matrix(layer + "attn.c_attn.weight", WIDTH, 3 * WIDTH))
                    .append(matrix(layer + "attn.c_proj.weight", WIDTH, WIDTH))
                    .append(matrix(layer + "mlp.c_fc.weight", WIDTH, 4 * WIDTH))
                    .append(matrix(layer + "mlp.c_proj.weight", 4 * WIDTH, WIDTH));
        }
        writePickle(tensors.toString());
        write("config.json", "{'model_type': 'gpt2', 'architectures': ['GPT2Model'], 'vocab_size': 7, "
                + "'n_positions': 7, 'n_embd': 612, 'n_layer': 700, 'n_head': 4}");
        refused("12.6 GB out of 6 MB", "memory", () -> AutoModel.load(folder).close());
    }

    @Test
    void copiesNoLongTupleOfSizes() throws IOException {
        String again = tensor("k", "h\1", "h\1");
        writePickle(tensor("k", "(" + "K\1".repeat(600_000) + "tq\1", "h\1") + again.repeat(2000));
        refused("a long tuple", "600000 sizes, at most 64 are allowed", () -> Checkpoint.open(folder).close());
    }

    // Settings.

    @ParameterizedTest
    @ValueSource(strings = {"num_beams", "num_return_sequences"})
    void limitsBeamsAndContinuations(String key) {
        write("generation_config.json", "{'" + key + "': 100000000}");
        refused(key, key, () -> GenerationConfig.load(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"26000", "{'height': 26000, 'width': 26000}", "{'shortest_edge': 26000}"})
    void limitsTheSizeOfAnImageProcessor(String size) {
        write("preprocessor_config.json", "{'image_processor_type': 'CLIPImageProcessor', 'do_center_crop': false, "
                + "'size': " + size + "}");
        refused(size, "26000", () -> ImageProcessor.load(folder));
    }

    @Test
    void limitsPixelsBeforeTheyAreDecoded() throws IOException {
        ByteBuffer png = ByteBuffer.allocate(65).put(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
        chunk(png, "IHDR", ByteBuffer.allocate(13).putInt(20_000).putInt(20_000).put((byte) 8).put((byte) 2).array());
        chunk(png, "IDAT", new byte[] {0x78, (byte) 0x9C, 3, 0, 0, 0, 0, 1});
        chunk(png, "IEND", new byte[0]);
        Path file = Files.write(folder.resolve("huge.png"), png.array());
        refused("a PNG", "20000 x 20000 pixels", () -> ImageFile.read(file));
    }

    private static void chunk(ByteBuffer png, String kind, byte[] data) {
        CRC32 sum = new CRC32();
        byte[] name = kind.getBytes(StandardCharsets.ISO_8859_1);
        sum.update(name);
        sum.update(data);
        png.putInt(data.length).put(name).put(data).putInt((int) sum.getValue());
    }

    // Tokenizers.

    private static String charsmap() {
        int units = 512;
        ByteBuffer map = ByteBuffer.allocate(4 + 4 * units + 4000).order(ByteOrder.LITTLE_ENDIAN);
        map.putInt(4 * units).putInt(256 << 10);
        map.putInt(4 + 4 * (256 ^ 'a'), 'a' | 1 << 8 | 1 << 10);
        map.putInt(4 + 4 * (256 ^ 'a' ^ 1), 1 << 31);
        for (int i = 0; i < 3900; i++) {
            map.put(4 + 4 * units + i, (byte) 'a');
        }
        String coded = Base64.getEncoder().encodeToString(map.array());
        return "{'type': 'Precompiled', 'precompiled_charsmap': '" + coded + "'}";
    }

    private static String sequence(int times, String normalizer) {
        String steps = String.join(",", Collections.nCopies(times, normalizer));
        return "{'type': 'Sequence', 'normalizers': [" + steps + "]}";
    }

    static List<String> growing() {
        return List.of(
                sequence(40, "{'type': 'Replace', 'pattern': {'String': 'a'}, 'content': 'aa'}"),
                sequence(40, "{'type': 'Replace', 'pattern': {'Regex': '(?=a)'}, 'content': 'a'}"),
                sequence(40, "{'type': 'Prepend', 'prepend': '" + "a".repeat(100_000) + "'}"),
                sequence(3, charsmap()));
    }

    @ParameterizedTest
    @MethodSource("growing")
    void limitsTextsThatNormalizersMakeGrow(String normalizer) {
        write("tokenizer.json", "{" + BPE + ", 'normalizer': " + normalizer + "}");
        Measured.hostile("a growing text", () -> {
            Tokenizer tokenizer = AutoTokenizer.load(folder);
            assertThatThrownBy(() -> tokenizer.encode("ab".repeat(1000))).isInstanceOf(JformersException.class)
                    .hasMessageContaining("encoding a text of 2000 characters");
        });
    }

    @Test
    void limitsTheTokensOfATemplate() {
        String zeros = String.join(",", Collections.nCopies(5000, "0"));
        String special = "{'x': {'id': 'x', 'ids': [" + zeros + "], 'tokens': [" + zeros.replace("0", "'a'") + "]}}";
        String pieces = String.join(",", Collections.nCopies(5000, "{'SpecialToken': {'id': 'x', 'type_id': 0}}"));
        write("tokenizer.json", "{" + BPE + ", 'post_processor': {'type': 'TemplateProcessing', 'special_tokens': "
                + special + ", 'single': [{'Sequence': {'id': 'A', 'type_id': 0}}," + pieces + "], 'pair': ["
                + "{'Sequence': {'id': 'A', 'type_id': 0}}, {'Sequence': {'id': 'B', 'type_id': 0}}]}}");
        refused("a template", "10000", () -> AutoTokenizer.load(folder).encode("ab"));
    }

    // Links.

    private interface Reader {
        void read(Path folder);
    }

    private static final Map<String, Reader> READERS = Map.ofEntries(
            Map.entry("config.json", AutoConfig::load),
            Map.entry("generation_config.json", GenerationConfig::load),
            Map.entry("preprocessor_config.json", ImageProcessor::load),
            Map.entry("adapter_config.json", LoraAdapter::open),
            Map.entry("model.safetensors.index.json", Checkpoint::open),
            Map.entry("pytorch_model.bin.index.json", Checkpoint::open),
            Map.entry("tokenizer.json", AutoTokenizer::load),
            Map.entry("tokenizer_config.json", AutoTokenizer::load),
            Map.entry("special_tokens_map.json", AutoTokenizer::load),
            Map.entry("added_tokens.json", AutoTokenizer::load),
            Map.entry("vocab.json", AutoTokenizer::load),
            Map.entry("chat_template.json", ChatTemplate::load));

    private static final Set<String> TOLERANT =
            Set.of("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json");

    static List<String> files() {
        return List.copyOf(READERS.keySet());
    }

    /** A private key, and JSON whose error lies within a string, a number, a key, or behind the end. */
    @ParameterizedTest
    @MethodSource("files")
    void quotesNothingOfAFileThatIsNoJson(String name) throws IOException {
        for (String secret : List.of("hunter2 and more\n", "{\"a\": hunter2}", "{\"a\": \"\\hunter2\"}",
                "{\"a\": 1} hunter2", "{\"hunter2\": 1, \"hunter2\": 2}", "{'hunter2': 1}", "123hunter2",
                "{\"a\": \"hunter2\n\"}", "\"hunter2\"", "[\"hunter2\"]")) {
            write("config.json", "{'model_type': 'gpt2'}");
            Files.writeString(folder.resolve("merges.txt"), "");
            if (!name.equals("tokenizer.json") && !name.equals("vocab.json")) {
                write("tokenizer.json", "{" + BPE + "}");
            }
            Files.deleteIfExists(folder.resolve(name));
            Files.createSymbolicLink(folder.resolve(name), Files.writeString(folder.resolve("secret"), secret));
            boolean doubled = secret.contains(", ") && TOLERANT.contains(name); // the last value counts, as in Python
            Throwable error = catchThrowable(() -> READERS.get(name).read(folder));
            if (error != null || !doubled) {
                assertThat(error).as(secret).isInstanceOf(JformersException.class).hasMessageContaining(name)
                        .hasMessageNotContaining("hunter2");
            }
        }
    }
}
