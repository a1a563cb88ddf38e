package org.jformers.checkpoint;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jformers.checkpoint.DamagedCheckpoints.Kind;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged checkpoints that Jazzer makes from those of {@link CheckpointFuzzTest}, guided by what they reach; with the
 * profile {@code fuzz} (CONTRIBUTING.md), and no part of the build.
 */
@Timeout(20)
class CheckpointFuzz {
    @TempDir
    static Path folder;

    private static DamagedCheckpoints reader;

    @BeforeAll
    static void startTheEngine() throws IOException {
        reader = new DamagedCheckpoints(folder);
    }

    static Stream<byte[]> safetensors() throws IOException {
        return Kind.SAFETENSORS.inputs();
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void safetensors(byte[] input) throws IOException {
        reader.read(Kind.SAFETENSORS, input);
    }

    static Stream<byte[]> pytorch() throws IOException {
        return Kind.PYTORCH.inputs();
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void pytorch(byte[] input) throws IOException {
        reader.read(Kind.PYTORCH, input);
    }

    static Stream<byte[]> gguf() throws IOException {
        return Kind.GGUF.inputs();
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void gguf(byte[] input) throws IOException {
        reader.read(Kind.GGUF, input);
    }

    static Stream<byte[]> shardIndex() throws IOException {
        return Kind.SHARD_INDEX.inputs();
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void shardIndex(byte[] input) throws IOException {
        reader.read(Kind.SHARD_INDEX, input);
    }

    static Stream<byte[]> gptq() throws IOException {
        return Kind.GPTQ.inputs();
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void gptq(byte[] input) throws IOException {
        reader.read(Kind.GPTQ, input);
    }

    static Stream<byte[]> bitsAndBytes() throws IOException {
        return Kind.BITS_AND_BYTES.inputs();
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void bitsAndBytes(byte[] input) throws IOException {
        reader.read(Kind.BITS_AND_BYTES, input);
    }

    static Stream<byte[]> float8() throws IOException {
        return Kind.FLOAT8.inputs();
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void float8(byte[] input) throws IOException {
        reader.read(Kind.FLOAT8, input);
    }

    static Stream<byte[]> wholeNumbers() throws IOException {
        return Kind.WHOLE_NUMBERS.inputs();
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void wholeNumbers(byte[] input) throws IOException {
        reader.read(Kind.WHOLE_NUMBERS, input);
    }
}
