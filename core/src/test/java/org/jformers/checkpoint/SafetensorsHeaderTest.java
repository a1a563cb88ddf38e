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
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jformers.tensor.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases that the reference reader is tested with, and some that it lets pass. */
class SafetensorsHeaderTest {
    @TempDir
    Path folder;

    static Stream<Arguments> broken() {
        String good = "{\"a\":" + entry("I32", "[2,2]", 0, 16) + "}";
        String tenOnOne = IntStream.range(0, 10)
                .mapToObj(i -> "\"t" + i + "\":" + entry("I32", "[2,2]", 0, 16))
                .collect(Collectors.joining(",", "{", "}"));
        return Stream.of(
                Arguments.of("empty file", new byte[0], "0 bytes, at least 8"),
                Arguments.of("short length", new byte[7], "7 bytes, at least 8"),
                Arguments.of("huge length", bytes(0x3CFFFFFFFFFFFFFFL, "", 0), "at most 100000000"),
                Arguments.of("negative length", bytes(-196L, "", 0), "claims 18446744073709551420 bytes"),
                Arguments.of("header beyond the file", bytes(1000, "{}", 0), "only 2 after"),
                Arguments.of("not UTF-8", new byte[] {1, 0, 0, 0, 0, 0, 0, 0, (byte) 0xFF}, "not UTF-8"),
                Arguments.of("overlong UTF-8",
                        new byte[] {2, 0, 0, 0, 0, 0, 0, 0, (byte) 0xC1, (byte) 0xBB}, "not UTF-8"),
                Arguments.of("unfinished JSON", file("{", 0), "not valid JSON"),
                Arguments.of("empty JSON", file("", 0), "the header must be a JSON object, got nothing"),
                Arguments.of("no object", file("[]", 0), "the header must be a JSON object, got a list"),
                Arguments.of("text after the object", file("{} {}", 0), "text follows"),
                Arguments.of("half a character in a name", file("{\"a\\ud800\":" + entry("U8", "[1]", 0, 1) + "}", 1),
                        "half a character (a lone surrogate)"),
                Arguments.of("half a character in the metadata", file("{\"__metadata__\":{\"a\":\"\\udc00b\"}}", 0),
                        "half a character (a lone surrogate)"),
                Arguments.of("metadata of a list", file("{\"__metadata__\":[]}", 0),
                        "__metadata__ must be a JSON object"),
                Arguments.of("NUL padding", file("{}\0", 0), "not valid JSON"),
                Arguments.of("trailing bytes", file(good, 16 + 34), "its tensors end at"),
                Arguments.of("missing bytes", file(good, 14), "ends at byte 16 of the data, the file holds 14"),
                Arguments.of("bytes without tensors", file("{}", 1), "its tensors end at 10"),
                Arguments.of("ten tensors in one place", file(tenOnOne, 16),
                        "begins at byte 0 of the data, expected is 16"),
                Arguments.of("a gap", file("{\"a\":" + entry("U8", "[1]", 0, 1) + ",\"b\":" + entry("U8", "[1]", 2, 3)
                        + "}", 3), "'b' begins at byte 2 of the data, expected is 1"),
                Arguments.of("hole in front", file("{\"a\":" + entry("U8", "[1]", 1, 2) + "}", 2), "expected is 0"),
                Arguments.of("shape and range differ", file("{\"a\":" + entry("I32", "[2,2]", 0, 4) + "}", 4),
                        "has 4 bytes, its shape [2, 2] of I32 needs 16"),
                Arguments.of("size beyond 64 bits", file("{\"a\":" + entry("I32", "[2,18446744073709551614]", 0, 16)
                        + "}", 16), "not valid JSON"),
                Arguments.of("product beyond 64 bits", file("{\"a\":" + entry("I32", "[2,9223372036854775807]", 0, 16)
                        + "}", 16), "more bytes than 64 bits can count"),
                Arguments.of("bytes beyond 64 bits", file("{\"a\":" + entry("I32", "[4611686018427387904]", 0, 0)
                        + "}", 0), "more bytes than 64 bits can count"),
                Arguments.of("too many dimensions", file("{\"a\":" + entry("U8", "[1" + ",1".repeat(64) + "]", 0, 1)
                        + "}", 1), "more than 64 entries"),
                Arguments.of("sub-byte type", file("{\"a\":" + entry("F4", "[3]", 0, 2) + "}", 2),
                        "dtype 'F4', known are BOOL, U8"),
                Arguments.of("unknown type", file("{\"a\":" + entry("f32", "[1]", 0, 4) + "}", 4), "dtype 'f32'"),
                Arguments.of("duplicate name", file("{\"a\":" + entry("U8", "[1]", 0, 1) + ",\"a\":"
                        + entry("U8", "[1]", 1, 2) + "}", 2), "a key is there twice"),
                Arguments.of("duplicate escaped name", file("{\"a\":" + entry("U8", "[1]", 0, 1) + ",\"\\u0061\":"
                        + entry("U8", "[1]", 1, 2) + "}", 2), "a key is there twice"),
                Arguments.of("duplicate key in a tensor", file(
                        "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1),
                        "a key is there twice"),
                Arguments.of("metadata number", file("{\"__metadata__\":{\"n\":1}}", 0),
                        "__metadata__ key 'n' must be a text, got a whole number"),
                Arguments.of("metadata list", file("{\"__metadata__\":[]}", 0), "__metadata__ must be a JSON object"),
                Arguments.of("negative offset", file("{\"a\":" + entry("U8", "[1]", -1, 0) + "}", 0), "negative"),
                Arguments.of("minus zero", file(
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[-0,0]}}", 0), "negative"),
                Arguments.of("negative size", file("{\"a\":" + entry("U8", "[-1,-1]", 0, 1) + "}", 1), "negative"),
                Arguments.of("fractional offset", file(
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1.0]}}", 1),
                        "must be a whole number, got a number with fraction"),
                Arguments.of("exponent offset", file(
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1000],\"data_offsets\":[0,1e3]}}", 1000),
                        "must be a whole number"),
                Arguments.of("three offsets", file(
                        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", 1), "more than 2"),
                Arguments.of("one offset", file("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0]}}", 0),
                        "needed are a begin and an end"),
                Arguments.of("end before begin", file("{\"a\":" + entry("U8", "[1]", 1, 0) + "}", 1),
                        "an end not before it"),
                Arguments.of("missing key", file("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1), "lacks dtype, shape"),
                Arguments.of("null shape", file("{\"a\":{\"dtype\":\"U8\",\"shape\":null,\"data_offsets\":[0,1]}}", 1),
                        "shape must be a list of whole numbers, got null"),
                Arguments.of("name with a line break", file("{\"a\\nb\":1}", 0),
                        "tensor 'a\uFFFDb' must be a JSON object"),
                Arguments.of("deep nesting", file("{\"a\":{\"x\":" + "[".repeat(100_000) + "}}", 0), "not valid JSON"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void broken(String name, byte[] content, String message) throws IOException {
        Path file = Files.write(folder.resolve("broken.safetensors"), content);

        assertThatThrownBy(() -> SafetensorsHeader.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message)
                .hasMessageEndingWith("in " + file)
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .hasLineCount(1);
    }

    @Test
    void acceptsEmptyTensorsScalarsAndPadding() throws IOException {
        String json = "  {\"e\":" + entry("F32", "[2,0]", 0, 0) + ",\"s\":" + entry("F32", "[]", 0, 4)
                + ",\"__metadata__\":{\"format\":\"pt\",\"\":\"\"}}     ";

        SafetensorsHeader header = read(file(json, 4));

        assertThat(header.tensors().get("e").elements()).isZero();
        assertThat(header.tensors().get("s").shape()).isEmpty();
        assertThat(header.tensors().get("s").elements()).isOne();
        assertThat(header.metadata()).containsEntry("format", "pt").hasSize(2);
    }

    @Test
    void acceptsAFileWithoutTensors() throws IOException {
        assertThat(read(file("{}", 0)).tensors()).isEmpty();
    }

    @Test
    void acceptsKeysThatTheReferenceIgnores() throws IOException {
        String json = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"note\":{\"x\":[1,{}]}}}";

        assertThat(read(file(json, 1)).tensors()).containsOnlyKeys("a");
    }

    @Test
    void listsTensorsInTheOrderOfTheFile() throws IOException {
        String json = "{\"b\":" + entry("U8", "[3]", 8, 11) + ",\"a\":" + entry("I64", "[1]", 0, 8) + "}";

        SafetensorsHeader header = read(file(json, 11));

        assertThat(header.tensors().keySet()).containsExactly("a", "b");
        assertThat(header.tensors().get("b"))
                .isEqualTo(new TensorInfo("b", DType.UINT8, List.of(3L), header.bytes() + 8, 3));
    }

    @Test
    void saysThatAFileIsMissing() {
        assertThatThrownBy(() -> SafetensorsHeader.read(folder.resolve("none")))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("cannot read " + folder.resolve("none") + ": no such file");
    }

    @Test
    void refusesAnOversizedHeaderAtOnce() throws IOException {
        Path file = folder.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(700_000_000L);
            sparse.write(bytes(680_000_000L, "{", 0));
        }
        Instant start = Instant.now();
        assertThatThrownBy(() -> SafetensorsHeader.read(file)).hasMessageContaining("claims 680000000 bytes");
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void refusesAHundredThousandTensorsInOnePlace() throws IOException {
        String json = IntStream.range(0, 100_000)
                .mapToObj(i -> "\"t" + i + "\":" + entry("F32", "[1024,1024]", 0, 4_194_304))
                .collect(Collectors.joining(",", "{", "}"));
        Path file = folder.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] header = file(json, 0);
            sparse.setLength(header.length + 4_194_304L);
            sparse.write(header);
        }
        assertThatThrownBy(() -> SafetensorsHeader.read(file)).hasMessageContaining("neither overlap nor leave gaps");
    }

    @Test
    void readsThreeHundredTensorsInMilliseconds() throws IOException {
        String json = IntStream.range(0, 300)
                .mapToObj(i -> "\"model.layers." + i + ".self_attn.q_proj.weight\":"
                        + entry("BF16", "[4,4]", 32 * i, 32 * i + 32))
                .collect(Collectors.joining(",", "{", "}"));
        Path file = Files.write(folder.resolve("many"), file(json, 9600));
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 50; i++) {
            long start = System.nanoTime();
            assertThat(SafetensorsHeader.read(file).tensors()).hasSize(300);
            best = Math.min(best, System.nanoTime() - start);
        }
        assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(5));
    }

    @Test
    void meetsEveryMutationWithAResultOrTheDocumentedException() throws IOException {
        String json = "{\"__metadata__\":{\"format\":\"pt\"},\"a.b\":" + entry("F32", "[2,2]", 0, 16) + ",\"c\":"
                + entry("BF16", "[3]", 16, 22) + "}";
        byte[] good = file(json, 22);
        String alphabet = "{}[]\":,0123456789-.eE\\u \u0000\u00ff";
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] mutant = Arrays.copyOf(good, good.length - (random.nextInt(8) == 0 ? random.nextInt(40) : 0));
            for (int edits = random.nextInt(3); edits >= 0; edits--) {
                int at = random.nextInt(mutant.length);
                mutant[at] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
            }
            try {
                read(mutant);
            } catch (CheckpointException e) {
                refused++;
                assertThat(e.getMessage()).hasLineCount(1);
            }
        }
        assertThat(refused).isBetween(750, 1499);
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        byte[] good = file("{\"a\":" + entry("F32", "[2,2]", 0, 16) + "}", 16);
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(CheckpointException.class);
        }
    }

    private SafetensorsHeader read(byte[] content) throws IOException {
        return SafetensorsHeader.read(Files.write(folder.resolve("file.safetensors"), content));
    }

    @Test
    void readsMetadataThatIsNull() throws IOException {
        SafetensorsHeader header = read(file("{\"__metadata__\":null,\"a\":" + entry("U8", "[1]", 0, 1) + "}", 1));
        assertThat(header.metadata()).isEmpty();
        assertThat(header.tensors()).containsOnlyKeys("a");
    }

    @Test
    void quotesNothingOfAFileThatIsNoJson() throws IOException {
        assertThatThrownBy(() -> read(file("{SECRET", 0)))
                .hasMessageContaining("unexpected text at line 1, column ")
                .hasMessageNotContaining("SECRET");
    }

    private static String entry(String dtype, String shape, long begin, long end) {
        return "{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":[" + begin + "," + end + "]}";
    }

    private static byte[] file(String json, int dataBytes) {
        return bytes(json.getBytes(StandardCharsets.UTF_8).length, json, dataBytes);
    }

    private static byte[] bytes(long length, String json, int dataBytes) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(text)
                .array();
    }
}
