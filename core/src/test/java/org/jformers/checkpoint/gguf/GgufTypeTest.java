package org.jformers.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.GgufFile;
import org.jformers.checkpoint.SafetensorsFile;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks and values of tools/golden/make_gguf_block_fixtures.py. */
class GgufTypeTest {
    private static SafetensorsFile golden;

    @BeforeAll
    static void open() throws Exception {
        golden = SafetensorsFile.open(Path.of(Objects.requireNonNull(
                SafetensorsFile.class.getResource("gguf-blocks.safetensors")).toURI()));
    }

    @AfterAll
    static void close() {
        golden.close();
    }

    static Stream<GgufType> blocks() {
        return Stream.of(GgufType.values()).filter(type -> !type.isPlain());
    }

    static Stream<GgufType> written() {
        return blocks().filter(GgufType::isWritten);
    }

    /** Bit for bit; of what is no number only that. */
    @ParameterizedTest
    @MethodSource("blocks")
    void readsWhatTheGgufPackageReads(GgufType type) {
        byte[] bytes = bytes(type + ".bytes");
        float[] expected = floats(type + ".values");
        int blocks = bytes.length / type.blockBytes();
        assertThat(blocks).isGreaterThan(4);
        float[] got = new float[blocks * type.blockElements()];
        type.read(bytes, blocks, got);
        assertThat(bits(got)).isEqualTo(bits(expected));
    }

    /** The same blocks as the one tensor of a file; what makes infinite or no numbers is damage there. */
    @ParameterizedTest
    @MethodSource("blocks")
    void readsTheBlocksOfAFile(GgufType type, @TempDir Path folder) throws IOException {
        byte[] blocks = bytes(type + ".bytes");
        float[] values = floats(type + ".values");
        int finite = 0;
        for (int block = 0; block < blocks.length / type.blockBytes(); block++) {
            byte[] bytes = Arrays.copyOfRange(blocks, block * type.blockBytes(), (block + 1) * type.blockBytes());
            float[] expected = Arrays.copyOfRange(
                    values, block * type.blockElements(), (block + 1) * type.blockElements());
            Path file = Files.write(folder.resolve("one.gguf"), file(type, type.blockElements(), bytes));
            boolean whole = IntStream.range(0, expected.length).allMatch(i -> Float.isFinite(expected[i]));
            finite += whole ? 1 : 0;
            try (GgufFile one = GgufFile.open(file)) {
                if (whole) {
                    assertThat(Scopes.get(() -> bits(Tensors.toFloats(one.tensor("t"))))).isEqualTo(bits(expected));
                } else {
                    assertThatThrownBy(() -> one.tensor("t")).isInstanceOf(CheckpointException.class)
                            .hasMessageContaining("a scale of quantized weights").hasMessageEndingWith("in " + file);
                }
            }
            byte[] good = Files.readAllBytes(file);
            assertRefused(file, Arrays.copyOf(good, good.length - 1), "reaches beyond the end of the file");
            assertRefused(file, file(type, type.blockElements() - 1, bytes), "does not divide into blocks of");
        }
        assertThat(finite).isPositive();
    }

    private static void assertRefused(Path file, byte[] content, String message) throws IOException {
        Files.write(file, content);
        assertThatThrownBy(() -> GgufFile.open(file).close()).isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message).hasMessageEndingWith("in " + file);
    }

    /** A file of one tensor, of one dimension. */
    private static byte[] file(GgufType type, long elements, byte[] data) {
        ByteBuffer head = ByteBuffer.allocate(96).order(ByteOrder.LITTLE_ENDIAN);
        head.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3).putLong(1).putLong(0);
        head.putLong(1).put((byte) 't').putInt(1).putLong(elements).putInt(type.number()).putLong(0);
        int begin = (head.position() + 31) / 32 * 32;
        byte[] file = Arrays.copyOf(head.array(), begin + data.length);
        System.arraycopy(data, 0, file, begin, data.length);
        return file;
    }

    @ParameterizedTest
    @MethodSource("written")
    void writesWhatTheGgufPackageWrites(GgufType type) {
        float[] values = floats(type + ".in");
        byte[] expected = bytes(type + ".out");
        byte[] got = new byte[expected.length];
        type.write(values, values.length / type.blockElements(), got);
        assertThat(got).isEqualTo(expected);
    }

    @Test
    void writesNothingElse() {
        assertThat(written()).containsExactly(GgufType.Q4_0, GgufType.Q8_0);
        assertThatThrownBy(() -> GgufType.Q4_K.write(new float[256], 1, new byte[144]))
                .hasMessageContaining("Q4_K is not written");
        assertThatThrownBy(() -> GgufType.F32.read(new byte[4], 1, new float[1])).hasMessageContaining("no blocks");
    }

    /** Numbers so small that a step between them is none. */
    @ParameterizedTest
    @MethodSource("written")
    void writesZerosForNumbersBelowAllSteps(GgufType type) {
        float[] values = new float[32];
        values[3] = Float.MIN_VALUE;
        values[4] = -1e-40f;
        byte[] block = new byte[type.blockBytes()];
        type.write(values, 1, block);
        float[] back = new float[32];
        type.read(block, 1, back);
        assertThat(back).containsOnly(0f);
    }

    @Test
    void countsBytes() {
        assertThat(GgufType.Q6_K.bytes(List.of(3L, 512L), "t")).isEqualTo(3 * 2 * 210);
        assertThatThrownBy(() -> GgufType.Q6_K.bytes(List.of(512L, 128L), "tensor 't'"))
                .hasMessage("tensor 't' of shape [512, 128] does not divide into blocks of 256");
        assertThatThrownBy(() -> GgufType.Q4_0.bytes(List.of(1L << 40, 1L << 40), "t"))
                .hasMessageContaining("more bytes than 64 bits can count");
        assertThatThrownBy(() -> GgufType.of(16, "tensor 't'")).hasMessageContaining("ggml type IQ2_XXS, supported");
        assertThatThrownBy(() -> GgufType.of(99, "tensor 't'")).hasMessageContaining("ggml type number 99");
    }

    /** All numbers that float16 has, read and written; and what lies between two of them. */
    @Test
    void convertsHalfPrecisionAsTheEngineDoes() {
        Scopes.run(() -> {
            float[] values = new float[1 << 16];
            float[] between = new float[1 << 16];
            for (int bits = 0; bits < values.length; bits++) {
                values[bits] = Half.of(bits);
                between[bits] = (Half.of(bits) + Half.of(bits + 1 & 0xFFFF)) / 2;
                if (!Float.isNaN(values[bits])) {
                    assertThat(Half.bits(values[bits])).isEqualTo(bits);
                }
            }
            Tensor expected = Tensors.ofFloats(between, between.length).to(ScalarType.Half).to(ScalarType.Float);
            float[] rounded = new float[1 << 16];
            new FloatPointer(expected.data_ptr()).get(rounded);
            float[] got = new float[1 << 16];
            for (int i = 0; i < got.length; i++) {
                got[i] = Half.of(Half.bits(between[i]));
            }
            assertThat(bits(got)).isEqualTo(bits(rounded));
        });
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToIntBits(values[i]);
        }
        return bits;
    }

    private static byte[] bytes(String name) {
        return Scopes.get(() -> {
            Tensor tensor = golden.tensor(name);
            byte[] bytes = new byte[(int) tensor.numel()];
            new BytePointer(tensor.data_ptr()).get(bytes);
            return bytes;
        });
    }

    private static float[] floats(String name) {
        return Scopes.get(() -> {
            Tensor tensor = golden.tensor(name);
            float[] values = new float[(int) tensor.numel()];
            new FloatPointer(tensor.data_ptr()).get(values);
            return values;
        });
    }
}
