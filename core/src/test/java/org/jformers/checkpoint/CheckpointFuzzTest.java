package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jformers.JformersException;
import org.jformers.model.AutoConfig;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged checkpoints end in a result or in the documented exception: no other one, no crash, no hang, and no more
 * memory than a fixed amount beyond the file. The build tries good files and damaged copies of them; with the profile
 * {@code fuzz} Jazzer makes further ones from these, guided by what they reach (CONTRIBUTING.md).
 */
@Timeout(20)
class CheckpointFuzzTest {
    private static final int DAMAGED = 400;

    /** Beyond the highest before; a fraction of what one lying length could ask for. */
    private static final long MEMORY = 512L << 20;

    private static final String SHARD = "model-00001-of-00001.safetensors";

    @TempDir
    static Path folder;

    /** With Jazzer's own classes, which it makes before the first input. */
    private static OptionalLong usual = OptionalLong.empty();

    @BeforeAll
    static void startTheEngine() throws IOException {
        Scopes.run(() -> Fixtures.zeros(1));
        Files.copy(Fixtures.resource("bert-base.safetensors"), folder.resolve(SHARD));
    }

    static Stream<byte[]> safetensors() throws IOException {
        byte[] good = Files.readAllBytes(Fixtures.resource("all-types.safetensors"));
        int header = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return damaged(good, header);
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void safetensors(byte[] input) throws IOException {
        read("f.safetensors", input, CheckpointFuzzTest::readAll);
    }

    static Stream<byte[]> pytorch() throws IOException {
        return damaged(Files.readAllBytes(Fixtures.resource("pytorch_model.bin")), 2000);
    }

    /** Once as it is, which ends at the archive's checksums, and once with the pickle's put right. */
    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void pytorch(byte[] input) throws IOException {
        read("f.bin", input, CheckpointFuzzTest::readAll);
        read("f.bin", repaired(input), CheckpointFuzzTest::readAll);
    }

    static Stream<byte[]> gguf() throws IOException {
        return Stream.concat(
                damaged(Files.readAllBytes(Fixtures.resource("gpt2.gguf")), 1800),
                damaged(Files.readAllBytes(Fixtures.resource("llama.gguf")), 1800));
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void gguf(byte[] input) throws IOException {
        read("f.gguf", input, CheckpointFuzzTest::readAll);
        read("f.gguf", input, AutoConfig::load);
    }

    static Stream<byte[]> shardIndex() {
        StringBuilder index = new StringBuilder("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {");
        try (SafetensorsFile shard = SafetensorsFile.open(Fixtures.resource("bert-base.safetensors"))) {
            shard.tensors().keySet().forEach(name ->
                    index.append('"').append(name).append("\": \"").append(SHARD).append("\","));
        }
        index.replace(index.length() - 1, index.length(), "}}");
        return damaged(index.toString().getBytes(StandardCharsets.UTF_8), index.length());
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void shardIndex(byte[] input) throws IOException {
        read(ShardIndex.FILE, input, file -> readAll(folder));
    }

    private static Stream<byte[]> damaged(byte[] good, int head) {
        Mutator mutator = new Mutator(1);
        return Stream.concat(Stream.of(good), Stream.generate(() -> mutator.mutate(good, head)).limit(DAMAGED));
    }

    private static void read(String name, byte[] input, Consumer<Path> reader) throws IOException {
        if (usual.isEmpty()) {
            usual = OptionalLong.of(peakBytes());
        }
        Path file = folder.resolve(name);
        Files.write(file, input);
        try {
            reader.accept(file);
        } catch (JformersException e) {
            assertThat(e.getMessage().lines()).hasSize(1);
        }
        assertThat(peakBytes()).isLessThan(usual.getAsLong() + MEMORY);
    }

    private static void readAll(Path path) {
        Scopes.run(() -> {
            try (Checkpoint checkpoint = Checkpoint.open(path)) {
                checkpoint.names().forEach(name -> {
                    checkpoint.tensor(name).clone();
                    checkpoint.read(name);
                });
            }
        });
    }

    /** Puts the checksum of an archive's first entry, which is the pickle, right where there is one. */
    private static byte[] repaired(byte[] archive) {
        byte[] repaired = archive.clone();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(repaired).order(ByteOrder.LITTLE_ENDIAN);
            int directory = bytes.getInt(archive.length - 22 + 16);
            int offset = 30 + bytes.getShort(26) + bytes.getShort(28);
            CRC32 crc = new CRC32();
            crc.update(repaired, offset, bytes.getInt(directory + 24));
            bytes.putInt(directory + 16, (int) crc.getValue());
        } catch (IndexOutOfBoundsException e) {
            return archive; // too damaged for that
        }
        return repaired;
    }

    private static long peakBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
