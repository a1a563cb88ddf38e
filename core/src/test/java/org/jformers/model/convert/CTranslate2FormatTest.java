package org.jformers.model.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.auto.AutoModel;
import org.jformers.pipeline.Translation;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CTranslate2FormatTest {

    @TempDir
    private Path folder;

    private static Path source() throws URISyntaxException {
        return Path.of(CTranslate2FormatTest.class.getResource("/ctranslate2/model.bin").toURI());
    }

    @Test
    void aTranslatorWritesWhatItsOwnTestsExpect() throws Exception {
        Path made = folder.resolve("made");
        ModelConversion.convert(source().getParent(), made);

        List<String> letters = Files.readAllLines(made.resolve("source_vocabulary.txt"));
        List<String> target = Files.readAllLines(made.resolve("target_vocabulary.txt"));
        Scopes.run(() -> {
            try (Model model = AutoModel.load(made)) {
                GenerationConfig config = GenerationConfig.of(model.config()).with().maxNewTokens(12).build();
                assertThat(written(model, config, letters, target, "آتزمون", "")).isEqualTo("atzmon</s>");
                assertThat(written(model, config, letters, target, "آتزمون", "ats")).isEqualTo("umon</s>");
                assertThat(written(model, config.with().numBeams(2).build(), letters, target, "آزا", ""))
                        .isEqualTo("azza</s>");
            }
        });
    }

    @Test
    void theFolderTranslatesTextsOfTokensBetweenSpaces() throws Exception {
        Path made = folder.resolve("made");
        ModelConversion.convert(source(), made);
        try (Translation translation = Translation.load(made)) {
            assertThat(translation.translate("آ ت ز م و ن").text()).isEqualTo("a t z m o n");
            assertThat(translation.translate("آ ز ا").text()).isEqualTo("a z z a");
            assertThat(translation.translate("unheard").ids()).as("<unk> is a token as others are").isNotEmpty();
        }
    }

    @Test
    void vocabulariesThatDoNotFitAreRefused() throws Exception {
        Path copy = Files.createDirectories(folder.resolve("copy"));
        Files.copy(source(), copy.resolve("model.bin"));
        Path vocabulary = copy.resolve("source_vocabulary.txt");
        List<String> whole = Files.readAllLines(source().resolveSibling("source_vocabulary.txt"));
        Files.write(vocabulary, Stream.concat(whole.stream(), Stream.of("more")).toList());
        assertThatThrownBy(() -> ModelConversion.convert(copy, folder.resolve("larger")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("got 52 tokens, allowed 51").hasMessageContaining(vocabulary.toString());
        Files.write(vocabulary, List.of("<blank>", "a", "a"));
        assertThatThrownBy(() -> ModelConversion.convert(copy, folder.resolve("twice")))
                .isInstanceOf(CheckpointException.class).hasMessageContaining("got 'a' twice");
    }

    private static String written(
            Model model, GenerationConfig config, List<String> letters, List<String> target, String word,
            String prefix) {
        ModelInputs inputs = ModelInputs.of(ids(letters, word));
        ModelInputs begun = prefix.isEmpty() ? inputs : inputs.with("decoder_input_ids", ids(target, prefix));
        int[] ids = new Generator(model).generate(begun, config, Controls.NONE).get(0).get(0).ids();
        return Arrays.stream(ids).mapToObj(target::get).collect(Collectors.joining());
    }

    private static org.bytedeco.pytorch.Tensor ids(List<String> vocabulary, String word) {
        long[] ids = word.codePoints().mapToLong(letter -> vocabulary.indexOf(Character.toString(letter))).toArray();
        return Tensors.ofLongs(ids, 1, ids.length);
    }

    @Test
    void integersAreDividedByTheirScales() throws IOException {
        ByteBuffer out = header(4);
        variable(out, "byte", 1, 2, 2).put((byte) 10).put((byte) -20).put((byte) 30).put((byte) 40);
        variable(out, "byte_scale", 4, 2).putFloat(10).putFloat(100);
        variable(out, "short", 2, 2).putShort((short) 500).putShort((short) -2000);
        variable(out, "float", 4, 1).putFloat(1.5f);
        Path file = write(out);

        assertThat(CTranslate2File.matches(file)).isTrue();
        Scopes.run(() -> {
            CTranslate2File stored = CTranslate2File.read(file);
            assertThat(stored.architecture()).isEqualTo("TransformerBase");
            assertThat(Tensors.toFloats(stored.tensor("byte"))).containsExactly(1, -2, 0.3f, 0.4f);
            assertThat(Tensors.toFloats(stored.tensor("short"))).containsExactly(0.5f, -2);
            assertThat(Tensors.toFloats(stored.tensor("float"))).containsExactly(1.5f);
            assertThatThrownBy(() -> stored.tensor("other"))
                    .isInstanceOf(CheckpointException.class).hasMessageContaining("other");
        });
    }

    @Test
    void damagedFilesAreRefused() throws IOException, URISyntaxException {
        byte[] whole = Files.readAllBytes(source());
        Path cut = Files.write(folder.resolve("model.bin"), Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> ModelConversion.convert(cut, folder.resolve("made")))
                .isInstanceOf(CheckpointException.class).hasMessageContaining(cut.toString());

        ByteBuffer lying = header(1);
        variable(lying, "huge", 4, 1 << 30);
        Path file = write(lying);
        assertThatThrownBy(() -> CTranslate2File.read(file))
                .isInstanceOf(CheckpointException.class).hasMessageContaining("huge");
    }

    private Path write(ByteBuffer out) throws IOException {
        return Files.write(folder.resolve("small.bin"), Arrays.copyOf(out.array(), out.position()));
    }

    private static ByteBuffer header(int variables) {
        ByteBuffer out = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        return string(out, "TransformerBase").putInt(2).putInt(variables);
    }

    private static ByteBuffer variable(ByteBuffer out, String name, int itemBytes, int... shape) {
        string(out, name).put((byte) shape.length);
        int items = 1;
        for (int size : shape) {
            out.putInt(size);
            items *= size;
        }
        return out.put((byte) itemBytes).putInt(items);
    }

    private static ByteBuffer string(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return out.putShort((short) (bytes.length + 1)).put(bytes).put((byte) 0);
    }
}
