package org.jformers.text.gguf;

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
import org.jformers.text.gguf.GgufMetadata.TensorEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GgufMetadataTest {
    @TempDir
    private Path folder;

    /** A file with every kind of value and one tensor. */
    private static byte[] sample() {
        ByteBuffer out = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0x46554747).putInt(3).putLong(1).putLong(13);
        key(out, "u8", 0).put((byte) 200);
        key(out, "i8", 1).put((byte) 200);
        key(out, "u16", 2).putShort((short) 60000);
        key(out, "i16", 3).putShort((short) -5);
        key(out, "u32", 4).putInt(-1);
        key(out, "i32", 5).putInt(-1);
        key(out, "f32", 6).putFloat(0.5f);
        key(out, "yes", 7).put((byte) 1);
        string(key(out, "name", 8), "grüße");
        key(out, "list", 9).putInt(8).putLong(2);
        string(out, "a");
        string(out, "");
        key(out, "scores", 9).putInt(6).putLong(2).putFloat(1).putFloat(-2);
        key(out, "types", 9).putInt(5).putLong(3).putInt(1).putInt(2).putInt(3);
        key(out, "f64", 12).putDouble(0.1);
        string(out, "weight");
        out.putInt(2).putLong(7).putLong(3).putInt(8).putLong(64);
        return Arrays.copyOf(out.array(), out.position());
    }

    private static ByteBuffer key(ByteBuffer out, String key, int kind) {
        return string(out, key).putInt(kind);
    }

    private static ByteBuffer string(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return out.putLong(bytes.length).put(bytes);
    }

    private GgufMetadata read(byte[] bytes) throws IOException {
        return GgufMetadata.read(Files.write(folder.resolve("model.gguf"), bytes));
    }

    @Test
    void readsEveryKindOfValue() throws IOException {
        GgufMetadata metadata = read(sample());

        assertThat(List.of("u8", "i8", "u16", "i16", "u32", "i32"))
                .extracting(metadata::integer)
                .containsExactly(200L, -56L, 60000L, -5L, 0xFFFFFFFFL, -1L);
        assertThat(metadata.real("f32")).isEqualTo(0.5);
        assertThat(metadata.real("f64")).isEqualTo(0.1);
        assertThat(metadata.flag("yes")).isTrue();
        assertThat(metadata.text("name")).isEqualTo("grüße");
        assertThat(metadata.texts("list")).containsExactly("a", "");
        assertThat(metadata.reals("scores")).containsExactly(1, -2);
        assertThat(metadata.integers("types")).containsExactly(1, 2, 3);
        assertThat(metadata.integer("absent", 7)).isEqualTo(7);
    }

    @Test
    void listsTensorsWithTheSlowestDimensionFirst() throws IOException {
        GgufMetadata metadata = read(sample());

        assertThat(metadata.tensors()).containsExactly(new TensorEntry("weight", List.of(3L, 7L), 8, 64));
        assertThat(metadata.dataStart()).isEqualTo((sample().length + 31) / 32 * 32);
    }

    /** Two one-dimensional tensors at these places, and an alignment. */
    private static byte[] placed(int alignment, long first, long second, int dimensions) {
        ByteBuffer out = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0x46554747).putInt(3).putLong(2).putLong(1);
        key(out, "general.alignment", 4).putInt(alignment);
        for (long offset : new long[] {first, second}) {
            string(out, "t" + offset).putInt(dimensions);
            for (int i = 0; i < dimensions; i++) {
                out.putLong(1);
            }
            out.putInt(0).putLong(offset);
        }
        return Arrays.copyOf(out.array(), 1024);
    }

    @Test
    void refusesPlacesThatGgmlRefuses() throws IOException {
        assertThat(read(placed(64, 0, 64, 4)).tensors()).hasSize(2);
        assertThatThrownBy(() -> read(placed(13, 0, 13, 1))).hasMessageContaining("must be a power of two");
        assertThatThrownBy(() -> read(placed(32, 0, 48, 1))).hasMessageContaining("allowed are multiples of 32");
        assertThatThrownBy(() -> read(placed(32, 64, 32, 1))).hasMessageContaining("in the order of the list, from 64");
        assertThatThrownBy(() -> read(placed(32, 0, 32, 5))).hasMessageContaining("has 5 dimensions");
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        byte[] whole = sample();
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(part)).isInstanceOf(GgufException.class).hasMessageContaining("model.gguf");
        }
    }

    @Test
    void refusesCountsThatCannotBe() throws IOException {
        byte[] bytes = sample();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(16, Long.MAX_VALUE);

        assertThatThrownBy(() -> read(bytes)).isInstanceOf(GgufException.class).hasMessageContaining("do not fit");
    }

    @Test
    void namesAKeyOfTheWrongKind() throws IOException {
        GgufMetadata metadata = read(sample());

        assertThatThrownBy(() -> metadata.text("u8"))
                .isInstanceOf(GgufException.class)
                .hasMessageContaining("GGUF key u8 must be a string, got Long");
        assertThatThrownBy(() -> metadata.texts("none")).hasMessageContaining("got nothing");
    }
}
