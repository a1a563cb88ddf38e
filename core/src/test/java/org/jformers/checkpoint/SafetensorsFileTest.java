package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
    private static final Path ALL_TYPES = Fixtures.resource("all-types.safetensors");

    @TempDir
    Path folder;

    @Test
    void readsEveryTypeAsTheReferenceWroteIt() throws IOException {
        byte[] content = Files.readAllBytes(ALL_TYPES);
        try (PointerScope scope = new PointerScope();
                SafetensorsFile file = SafetensorsFile.open(ALL_TYPES)) {
            assertThat(file.tensors()).hasSize(19);
            for (TensorInfo info : file.tensors().values()) {
                Tensor tensor = file.tensor(info.name());
                assertThat(DType.of(tensor)).isEqualTo(info.dtype());
                assertThat(tensor.shape()).isEqualTo(info.dimensions());
                assertThat(Fixtures.bytes(tensor))
                        .isEqualTo(Arrays.copyOfRange(
                                content, (int) info.offset(), (int) (info.offset() + info.bytes())));
            }
            assertThat(file.tensor("scalar").item_float()).isEqualTo(2.5f);
            assertThat(file.tensor("größe.漢字").sum().item_float()).isEqualTo(3f);
            assertThat(file.tensor("empty").shape()).containsExactly(2, 0, 3);
            assertThat(file.metadata()).containsEntry("format", "pt");
        }
    }

    @Test
    void sharesTheMapInsteadOfCopying() {
        try (PointerScope scope = new PointerScope();
                SafetensorsFile file = SafetensorsFile.open(Fixtures.resource("gpt2-lm.safetensors"))) {
            Tensor first = file.tensor("transformer.wte.weight");
            Tensor second = file.tensor("transformer.wte.weight");
            long distance = file.tensors().get("transformer.wte.weight").offset()
                    - file.tensors().get("transformer.wpe.weight").offset();

            assertThat(second.data_ptr().address()).isEqualTo(first.data_ptr().address());
            assertThat(first.data_ptr().address() - file.tensor("transformer.wpe.weight").data_ptr().address())
                    .isEqualTo(distance);
        }
    }

    @Test
    void neverWritesToTheFile() throws IOException {
        Path copy = Files.copy(ALL_TYPES, folder.resolve("copy"));
        try (PointerScope scope = new PointerScope();
                SafetensorsFile file = SafetensorsFile.open(copy)) {
            file.tensor("w.f32").fill_(new Scalar(7f));
            assertThat(file.tensor("w.f32").mean().item_float()).isEqualTo(7f);
        }
        assertThat(copy).hasSameBinaryContentAs(ALL_TYPES);
    }

    @Test
    void copiesTensorsThatTheFileDoesNotAlign() throws IOException {
        String json = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                + "\"e\":{\"dtype\":\"I64\",\"shape\":[0],\"data_offsets\":[1,1]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}";
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        Path odd = Files.write(folder.resolve("odd"), ByteBuffer.allocate(8 + text.length + 9)
                .order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text)
                .put((byte) 1).putFloat(1.5f).putFloat(-2f).array());
        try (PointerScope scope = new PointerScope();
                SafetensorsFile file = SafetensorsFile.open(odd)) {
            Tensor b = file.tensor("b");
            assertThat(b.data_ptr().address() % Float.BYTES).isZero();
            assertThat(b.data_ptr_float().get(0)).isEqualTo(1.5f);
            assertThat(b.data_ptr_float().get(1)).isEqualTo(-2f);
            assertThat(file.tensor("e").numel()).isZero();
        }
    }

    @Test
    void mapsTensorsBeyondTwoAndFourGibibytes() throws IOException {
        long first = (2L << 30) + 4096;
        long second = (2L << 30) + 8192;
        String json = String.format("{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}}",
                first, first, second, first, first + second);
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        Path large = folder.resolve("large");
        try (RandomAccessFile sparse = new RandomAccessFile(large.toFile(), "rw")) {
            sparse.setLength(8 + text.length + first + second);
            sparse.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
            sparse.write(text);
            sparse.seek(8 + text.length + first - 1);
            sparse.write(new byte[] {11, 12});
            sparse.seek(8 + text.length + first + second - 1);
            sparse.write(13);
        }
        try (PointerScope scope = new PointerScope();
                SafetensorsFile file = SafetensorsFile.open(large)) {
            Tensor a = file.tensor("a");
            Tensor b = file.tensor("b");
            assertThat(a.size(0)).isEqualTo(first);
            assertThat(a.select(0, first - 1).item_int()).isEqualTo(11);
            assertThat(b.select(0, 0).item_int()).isEqualTo(12);
            assertThat(b.select(0, second - 1).item_int()).isEqualTo(13);
        }
    }

    @Test
    void keepsTensorsValidAfterTheFileIsClosed() {
        Tensor kept;
        try (PointerScope scope = new PointerScope()) {
            try (SafetensorsFile file = SafetensorsFile.open(ALL_TYPES)) {
                kept = Scopes.keep(file.tensor("scalar"));
            }
        }
        assertThat(kept.item_float()).isEqualTo(2.5f);
        kept.close();
    }

    @Test
    void staysOpenPastTheScopeItWasOpenedIn() {
        SafetensorsFile file = Scopes.get(() -> SafetensorsFile.open(ALL_TYPES));
        try (PointerScope scope = new PointerScope()) {
            assertThat(file.tensor("scalar").item_float()).isEqualTo(2.5f);
        }
        file.close();
    }

    @Test
    void leavesNoNativeHandles() {
        readOnce();
        long before = Pointer.totalCount();
        for (int i = 0; i < 20; i++) {
            readOnce();
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    private static void readOnce() {
        try (SafetensorsFile file = SafetensorsFile.open(ALL_TYPES)) {
            Scopes.run(() -> file.tensors().keySet().forEach(file::tensor));
            file.tensor("w.bf16").close();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void unmapsAHundredFilesWhenTheyAreClosed() throws IOException {
        List<SafetensorsFile> files = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            files.add(SafetensorsFile.open(Files.copy(ALL_TYPES, folder.resolve("shard-" + i))));
        }
        Scopes.run(() -> files.forEach(file -> file.tensor("w.f64")));
        assertThat(mapsOf("shard-")).isEqualTo(100);
        assertThat(openFiles("shard-")).isZero();

        files.forEach(SafetensorsFile::close);

        assertThat(mapsOf("shard-")).isZero();
    }

    private static long mapsOf(String name) throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(line -> line.contains(name)).count();
        }
    }

    private static long openFiles(String name) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(path -> {
                        try {
                            return Files.readSymbolicLink(path).toString().contains(name);
                        } catch (IOException closedMeanwhile) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void namesTheFileThatLacksATensor() {
        try (SafetensorsFile file = SafetensorsFile.open(ALL_TYPES)) {
            assertThatThrownBy(() -> file.tensor("none"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("no tensor 'none' in " + ALL_TYPES);
        }
    }

    @Test
    void opensPathsWithAnyLetters() throws IOException {
        Path copy = Files.copy(ALL_TYPES, Files.createDirectories(folder.resolve("größe 漢字")).resolve("m.st"));
        try (SafetensorsFile file = SafetensorsFile.open(copy)) {
            assertThat(file.path()).isEqualTo(copy);
        }
    }
}
