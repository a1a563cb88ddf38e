package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"all-types.safetensors", "gpt2-lm.safetensors", "bert-masked-lm.safetensors"})
    void writesWhatTheReferenceWritesByteForByte(String name) {
        Path source = Fixtures.resource(name);
        Path target = folder.resolve("model.safetensors");
        try (PointerScope scope = new PointerScope();
                Checkpoint checkpoint = Checkpoint.open(source)) {
            SafetensorsWriter.write(target, checkpoint.tensors());
        }
        assertThat(target).hasSameBinaryContentAs(source);
    }

    @ParameterizedTest
    @EnumSource
    void roundTripsEveryTypeAlsoThroughTransposedViews(DType type) {
        Path target = folder.resolve("views.safetensors");
        try (PointerScope scope = new PointerScope()) {
            // Every byte pattern, so that no conversion can hide; truth values have only two.
            int values = type == DType.BOOL ? 2 : 256;
            Tensor bytes = Fixtures.counting(6 * 4 * type.bytes())
                    .remainder(new Scalar(values))
                    .to(ScalarType.Byte);
            Tensor matrix = bytes.view(type.scalarType()).view(6, 4);
            Map<String, Tensor> views = new LinkedHashMap<>();
            views.put("whole", matrix);
            views.put("transposed", matrix.t());
            views.put("rows", matrix.narrow(0, 2, 3));
            views.put("columns", matrix.narrow(1, 1, 2));

            SafetensorsWriter.write(target, views);

            try (Checkpoint checkpoint = Checkpoint.open(target)) {
                views.forEach((name, view) -> {
                    assertThat(checkpoint.tensor(name).shape()).isEqualTo(view.shape());
                    assertThat(DType.of(checkpoint.tensor(name))).isEqualTo(type);
                    assertThat(Fixtures.bytes(checkpoint.tensor(name))).isEqualTo(Fixtures.bytes(view));
                });
            }
        }
    }

    @Test
    void streamsLargeViewsInBlocks() {
        Path target = folder.resolve("large.safetensors");
        try (PointerScope scope = new PointerScope()) {
            Tensor tall = Fixtures.counting(5, 1_300_001).t(); // 26 MB: more than one block, not a multiple of one
            SafetensorsWriter.write(target, Map.of("tall", tall, "flat", tall.t()));
            try (Checkpoint checkpoint = Checkpoint.open(target)) {
                assertThat(checkpoint.tensor("tall").equal(tall)).isTrue();
                assertThat(checkpoint.tensor("flat").equal(tall.t())).isTrue();
            }
        }
    }

    @Test
    void writesParametersThatRequireGradientsAndConjugates() {
        Path target = folder.resolve("parameters.safetensors");
        try (PointerScope scope = new PointerScope()) {
            Tensor parameter = Fixtures.counting(3, 2).requires_grad_(true);
            Tensor complex = torch.view_as_complex(Fixtures.counting(3, 2)).conj();
            SafetensorsWriter.write(target, Map.of("p", parameter, "c", complex));
            try (Checkpoint checkpoint = Checkpoint.open(target)) {
                assertThat(checkpoint.tensor("p").equal(parameter)).isTrue();
                assertThat(torch.imag(checkpoint.tensor("c")).sum().item_float()).isEqualTo(-9f);
            }
        }
    }

    @Test
    void alignsElementsWhateverTheNamesAre() {
        try (PointerScope scope = new PointerScope()) {
            for (int length = 1; length <= 9; length++) {
                Path target = folder.resolve("aligned" + length);
                SafetensorsWriter.write(target, Map.of("x".repeat(length), Fixtures.zeros(2)), Map.of());
                assertThat(SafetensorsHeader.read(target).bytes() % 8).isZero();
            }
        }
    }

    @Test
    void replacesAFileThatIsMapped() {
        Path target = folder.resolve("model.safetensors");
        try (PointerScope scope = new PointerScope()) {
            SafetensorsWriter.write(target, Map.of("a", Fixtures.counting(1000)));
            try (SafetensorsFile mapped = SafetensorsFile.open(target)) {
                Tensor old = mapped.tensor("a");
                SafetensorsWriter.write(target, Map.of("a", old.mul(new Scalar(2f)), "b", old));
                assertThat(old.equal(Fixtures.counting(1000))).isTrue();
            }
            try (SafetensorsFile file = SafetensorsFile.open(target)) {
                assertThat(file.tensor("b").equal(Fixtures.counting(1000))).isTrue();
                assertThat(file.tensor("a").sum().item_float()).isEqualTo(999_000f);
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void saysWhatIsMissingWhenTheDiskIsFull() throws IOException {
        Path target = Files.writeString(folder.resolve("model.safetensors"), "old");
        try (PointerScope scope = new PointerScope()) {
            SafetensorsWriter writer = new SafetensorsWriter(Map.of("a", Fixtures.zeros(1000)), Map.of());
            assertThatThrownBy(() -> AtomicFile.stage(target, writer.bytes(), writer::writeTo,
                            temporary -> FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageMatching("cannot write " + target + ": No space left on device \\(needs "
                            + writer.bytes() + " bytes, \\d+ free in " + folder
                            + "\\); the file there before is unchanged");
        }
        assertThat(target).hasContent("old");
    }

    @Test
    void leavesTheOldFileAndNothingElseWhenWritingFailsAnywhere() throws IOException {
        Path target = Files.writeString(folder.resolve("model.safetensors"), "old");
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = Map.of("a", Fixtures.zeros(10), "b", Fixtures.counting(5, 4).t());
            SafetensorsWriter writer = new SafetensorsWriter(tensors, Map.of());
            for (long room = 0; room < writer.bytes(); room += 7) {
                long bytes = room;
                assertThatThrownBy(() -> AtomicFile.write(target, writer.bytes(),
                                channel -> writer.writeTo(new FullChannel(channel, bytes))))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("disk full");
                assertThat(target).hasContent("old");
                try (Stream<Path> files = Files.list(folder)) {
                    assertThat(files).containsExactly(target);
                }
            }
        }
    }

    @Test
    void leavesNoTemporaryFileWhenADefectStopsIt() throws IOException {
        Path target = folder.resolve("model.safetensors");
        assertThatThrownBy(() -> AtomicFile.write(target, 1, channel -> {
            throw new IllegalStateException("a defect");
        })).hasMessage("a defect");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void saysThatAFolderCannotBeWritten() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = Map.of("a", Fixtures.zeros(1));
            assertThatThrownBy(() -> SafetensorsWriter.write(file.resolve("model.safetensors"), tensors))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith("cannot write " + file.resolve("model.safetensors"));
        }
    }

    @Test
    void refusesAHeaderThatNoReaderTakes() {
        Map<String, String> metadata = Map.of("text", "x".repeat(SafetensorsHeader.MAX_JSON_BYTES));
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("m"), Map.of(), metadata))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("at most 100000000");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void refusesTheNameOfTheMetadata() {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = Map.of("__metadata__", Fixtures.zeros(1));
            assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("m"), tensors))
                    .isInstanceOf(CheckpointException.class);
        }
    }

    @Test
    void leavesNoNativeHandles() {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = Map.of("a", Fixtures.zeros(10), "b", Fixtures.counting(5, 4).t());
            SafetensorsWriter.write(folder.resolve("m"), tensors);
            long before = Pointer.totalCount();
            for (int i = 0; i < 10; i++) {
                SafetensorsWriter.write(folder.resolve("m"), tensors);
            }
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
        }
    }

    /** Passes on so many bytes, then is full. */
    private static final class FullChannel implements WritableByteChannel {
        private final WritableByteChannel channel;
        private long room;

        FullChannel(WritableByteChannel channel, long room) {
            this.channel = channel;
            this.room = room;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (room == 0) {
                throw new IOException("disk full");
            }
            int bytes = (int) Math.min(room, source.remaining());
            ByteBuffer part = source.slice(source.position(), bytes);
            AtomicFile.writeFully(channel, part);
            source.position(source.position() + bytes);
            room -= bytes;
            return bytes;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
