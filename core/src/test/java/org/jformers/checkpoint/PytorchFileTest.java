package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PytorchFileTest {
    private static final Path REFERENCE = Fixtures.resource("pytorch_model.bin");

    @TempDir
    Path folder;

    @Test
    void readsWhatTorchSaved() {
        try (PointerScope scope = new PointerScope();
                PytorchFile file = PytorchFile.open(REFERENCE);
                SafetensorsFile same = SafetensorsFile.open(Fixtures.resource("pytorch_model.safetensors"))) {
            assertThat(file.tensors().keySet()).containsExactlyInAnyOrderElementsOf(same.tensors().keySet());
            file.tensors().forEach((name, info) -> {
                assertThat(info.dtype()).isEqualTo(same.tensors().get(name).dtype());
                assertThat(info.shape()).isEqualTo(same.tensors().get(name).shape());
                assertThat(info.bytes()).isEqualTo(same.tensors().get(name).bytes());
                assertThat(file.tensor(name).is_contiguous()).isTrue();
                assertThat(Fixtures.bytes(file.tensor(name))).isEqualTo(Fixtures.bytes(same.tensor(name)));
            });
            assertThat(file.tensor("tied.weight").data_ptr().address())
                    .isEqualTo(file.tensor("a.weight").data_ptr().address());
        }
    }

    @Test
    void isTheWeightsOfAFolderThatHasNoSafetensors() throws IOException {
        Files.copy(REFERENCE, folder.resolve("pytorch_model.bin"));
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).hasSize(18);
        }
        Files.writeString(folder.resolve("model.safetensors"), "broken");
        assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("not a safetensors file");
    }

    @Test
    void readsShardsThroughTheirIndex() throws IOException {
        Path shard = write(bin(dictionary(tensor("FloatStorage", 2, 0, List.of(2L), List.of(1L))),
                Map.of("data/0", new byte[8])));
        Files.copy(shard, folder.resolve("pytorch_model-00001-of-00001.bin"));
        Files.writeString(folder.resolve("pytorch_model.bin.index.json"),
                "{\"weight_map\":{\"k\":\"pytorch_model-00001-of-00001.bin\"}}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.info("k").shape()).containsExactly(2L);
        }
    }

    @Test
    void readsStoragesBeyondFourGibibytes() throws IOException {
        long elements = (4L << 30) + 16;
        byte[] pickle = dictionary(tensor("ByteStorage", elements, elements - 8, List.of(8L), List.of(1L)));
        CRC32 crc = new CRC32();
        crc.update(pickle);
        Path large = folder.resolve("large.bin");
        try (RandomAccessFile sparse = new RandomAccessFile(large.toFile(), "rw")) {
            sparse.write(record(0x04034b50, "x/data.pkl", (int) crc.getValue(), pickle.length, 0));
            sparse.write(pickle);
            long second = sparse.getFilePointer();
            sparse.write(record(0x04034b50, "x/data/0", 0, elements, 0));
            sparse.seek(sparse.getFilePointer() + elements - 8);
            sparse.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
            long directory = sparse.getFilePointer();
            sparse.write(record(0x02014b50, "x/data.pkl", (int) crc.getValue(), pickle.length, 0));
            sparse.write(record(0x02014b50, "x/data/0", 0, elements, second));
            long end = sparse.getFilePointer();
            sparse.write(ByteBuffer.allocate(98).order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45).putInt(0).putInt(0)
                    .putLong(2).putLong(2).putLong(end - directory).putLong(directory)
                    .putInt(0x07064b50).putInt(0).putLong(end).putInt(1)
                    .putInt(0x06054b50).putInt(0).putShort((short) 2).putShort((short) 2).putInt(-1).putInt(-1)
                    .putShort((short) 0).array());
        }
        try (PointerScope scope = new PointerScope();
                PytorchFile file = PytorchFile.open(large)) {
            assertThat(Fixtures.bytes(file.tensor("k"))).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        }
    }

    /** A local header or a directory entry, its sizes in a ZIP64 field after another one. */
    private static byte[] record(int kind, String name, int crc, long bytes, long start) {
        boolean local = kind == 0x04034b50;
        ByteBuffer record = ByteBuffer.allocate((local ? 30 : 46) + name.length() + 6 + 20 + (local ? 0 : 8))
                .order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(kind).putShort((short) 45);
        if (!local) {
            record.putShort((short) 45);
        }
        record.putShort((short) 0).putShort((short) 0).putInt(0).putInt(crc).putInt(-1).putInt(-1)
                .putShort((short) name.length()).putShort((short) (local ? 26 : 34));
        if (!local) {
            record.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0).putInt(-1);
        }
        record.put(name.getBytes(StandardCharsets.US_ASCII));
        record.putShort((short) 0x4246).putShort((short) 2).putShort((short) 0);
        record.putShort((short) 1).putShort((short) (local ? 16 : 24)).putLong(bytes).putLong(bytes);
        if (!local) {
            record.putLong(start);
        }
        return record.array();
    }

    @Test
    void leavesNoNativeHandles() {
        readOnce();
        long before = Pointer.totalCount();
        for (int i = 0; i < 10; i++) {
            readOnce();
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    private static void readOnce() {
        try (PytorchFile file = PytorchFile.open(REFERENCE)) {
            Scopes.run(() -> file.tensors().keySet().forEach(file::tensor));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "os system", "posix system", "nt system", "builtins eval", "builtins exec", "__builtin__ getattr",
        "runpy _run_code", "functools partial", "subprocess Popen", "torch load", "torch.jit load",
        "torch._utils _rebuild",
        "torch UntypedStorage", "collections Counter", "numpy.core.multiarray _reconstruct"
    })
    void importsNothing(String global) {
        byte[] call = bytes("c" + global.replace(' ', '\n') + "\n", "(X", text("echo"), "tR");
        assertRefused(bin(dictionary(call), Map.of()), "refers to '" + global.replace(' ', '.') + "'");
    }

    @ParameterizedTest
    @ValueSource(ints = {
        'F', 'I', 'L', 'S', 'T', 'V', 'P', 'g', 'p', 'i', 'o', 'l', 'd', '0', '1', '2', 'B', 'C',
        0x81, 0x82, 0x83, 0x84, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0xff
    })
    void knowsNoOtherInstruction(int code) {
        assertRefused(bin(dictionary(new byte[] {(byte) code}), Map.of()),
                String.format("instruction 0x%02x, which weights do not need", code));
    }

    static Stream<Arguments> pickles() {
        byte[] proto = {(byte) 0x80, 2};
        return Stream.of(
                Arguments.of("protocol 4", bytes("\u0080\u0004}."), "not of protocol 2"),
                Arguments.of("no protocol", bytes("}."), "not of protocol 2"),
                Arguments.of("nothing", proto, "cut off"),
                Arguments.of("two values", join(proto, bytes("}}.")), "does not end with one value"),
                Arguments.of("an open mark", join(proto, bytes("}(.")), "does not end with one value"),
                Arguments.of("more after the end", join(proto, bytes("}.}.")), "does not end with one value"),
                Arguments.of("a list", join(proto, bytes("].")), "should have a dictionary of tensors"),
                Arguments.of("a list in itself", join(proto, bytes("]q\u0000h\u0000a.")), "a dictionary of tensors"),
                Arguments.of("a dictionary in itself", dictionary(bytes("h\u0000")), "should have a tensor as 'k'"),
                Arguments.of("a number", dictionary(bytes("K\u0001")), "should have a tensor as 'k'"),
                Arguments.of("a number as name", join(proto, bytes("}K\u0001K\u0001s.")),
                        "should have a tensor's name"),
                Arguments.of("a tuple as name", join(proto, bytes("})K\u0001s.")),
                        "a key that is neither text nor number"),
                Arguments.of("a name twice",
                        join(proto, bytes("}(X", text("k"), "NX", text("k"), "Nu.")), "has 'k' twice"),
                Arguments.of("a key alone", join(proto, bytes("}(X", text("k"), "u.")), "a key without a value"),
                Arguments.of("values of others", join(proto, bytes("}(s.")), "lacks a value"),
                Arguments.of("no mark", join(proto, bytes("t.")), "lacks a mark"),
                Arguments.of("an unknown memory", dictionary(bytes("h\u0009")), "did not remember"),
                Arguments.of("a long text", join(proto, bytes("X\u0001\u0000\u0001\u0000")), "at most 65536"),
                Arguments.of("a text of 4 GiB", join(proto, bytes("X\u00ff\u00ff\u00ff\u00ff")), "4294967295 bytes"),
                Arguments.of("a text that is none", join(proto, bytes("X\u0001\u0000\u0000\u0000\u00ff.")),
                        "not UTF-8"),
                Arguments.of("a huge number", join(proto, bytes("\u008a\u0009123456789.")), "a number of 9 bytes"),
                Arguments.of("a call of a type", dictionary(bytes("ctorch\nFloatStorage\n)R")), "a known function"),
                Arguments.of("a call with a number", dictionary(bytes("ccollections\nOrderedDict\nK\u0001\u0085R")),
                        "should have a list of pairs"),
                Arguments.of("a call with too much",
                        dictionary(bytes("ccollections\nOrderedDict\nK\u0001K\u0001\u0086R")),
                        "calls ORDERED_DICT with 2 arguments"),
                Arguments.of("another reference", dictionary(bytes("X", text("module"), "\u0085Q")), "no storage"),
                Arguments.of("attributes of a list", dictionary(bytes("]}b")), "gets attributes"),
                Arguments.of("doubling tuples", dictionary(bytes(")" + "q\u0001h\u0001\u0086".repeat(5000))),
                        "should have a tensor as 'k'"),
                Arguments.of("millions of values", join(proto, bytes("N".repeat(3_000_001))),
                        "more than 3000000 values"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pickles")
    void refusesOtherPickles(String name, byte[] pickle, String message) {
        assertRefused(bin(pickle, Map.of()), message);
    }

    static Stream<Arguments> tensors() {
        long huge = 1L << 62;
        return Stream.of(
                Arguments.of("storage too small", tensor("FloatStorage", 3, 0, List.of(3L), List.of(1L)),
                        "has 8 bytes"),
                Arguments.of("storage too large", tensor("FloatStorage", 1, 0, List.of(1L), List.of(1L)),
                        "has 8 bytes"),
                Arguments.of("negative storage", tensor("FloatStorage", -2, 0, List.of(1L), List.of(1L)), "claims -2"),
                Arguments.of("huge storage", tensor("FloatStorage", huge, 0, List.of(1L), List.of(1L)), "64 bits"),
                Arguments.of("outside", tensor("FloatStorage", 2, 0, List.of(3L), List.of(1L)), "does not lie in"),
                Arguments.of("offset outside", tensor("FloatStorage", 2, 1, List.of(2L), List.of(1L)),
                        "does not lie in"),
                Arguments.of("negative offset", tensor("FloatStorage", 2, -1, List.of(1L), List.of(1L)),
                        "does not lie in"),
                Arguments.of("negative stride", tensor("FloatStorage", 2, 1, List.of(2L), List.of(-1L)),
                        "does not lie in"),
                Arguments.of("negative size", tensor("FloatStorage", 2, 0, List.of(-1L), List.of(1L)),
                        "does not lie in"),
                Arguments.of("huge size", tensor("FloatStorage", 2, 0, List.of(huge), List.of(0L)), "does not lie in"),
                Arguments.of("product", tensor("FloatStorage", 2, 0, List.of(huge, 4L), List.of(0L, 0L)), "64 bits"),
                Arguments.of("huge stride", tensor("FloatStorage", 2, 0, List.of(3L), List.of(huge)), "64 bits"),
                Arguments.of("strides missing", tensor("FloatStorage", 2, 0, List.of(1L), List.of()), "1 sizes and 0"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void tensors(String name, byte[] tensor, String message) {
        assertRefused(bin(dictionary(tensor), Map.of("data/0", new byte[8])), message);
    }

    @Test
    void readsTensorsWithoutElementsWhereverTheyBegin() {
        Path file = write(bin(dictionary(tensor("FloatStorage", 0, 1L << 40, List.of(5L, 0L), List.of(1L, 1L))),
                Map.of("data/0", new byte[0])));
        try (PointerScope scope = new PointerScope();
                PytorchFile empty = PytorchFile.open(file)) {
            assertThat(empty.tensor("k").shape()).containsExactly(5, 0);
            assertThat(empty.read("k").shape()).containsExactly(5, 0);
        }
    }

    @Test
    void refusesZip64RecordsThatLie() {
        ByteBuffer archive = ByteBuffer.allocate(4 + 56 + 20 + 22).order(ByteOrder.LITTLE_ENDIAN);
        archive.putInt(0x04034b50);
        archive.putInt(0x06064b50).putLong(44).putInt(0).putInt(0).putInt(0).putLong(0).putLong(0).putLong(0)
                .putLong(4);
        archive.putInt(0x07064b50).putInt(0).putLong(4).putInt(1);
        archive.putInt(0x06054b50);
        byte[] good = archive.array();
        assertRefused(with(good, 4, 'X'), "ZIP64 records of the archive contradict each other");
        assertRefused(with(good, 8, 45), "ZIP64 records of the archive contradict each other");
        assertRefused(with(good, 4 + 56 + 8, 5), "ZIP64 records of the archive contradict each other");
        assertRefused(with(good, 4 + 48, 3), "directory is not where its end says");
        assertRefused(with(good, 4 + 47, 0x80), "directory is not where its end says");
    }

    @Test
    void refusesAStorageThatIsNotThere() {
        assertRefused(bin(dictionary(tensor("FloatStorage", 2, 0, List.of(2L), List.of(1L))), Map.of()),
                "lacks its storage '0'");
    }

    @Test
    void refusesOtherArchives() throws IOException {
        byte[] empty = dictionary(new byte[0]);
        assertRefused(bin(empty, Map.of("code/__torch__.py", new byte[1])), "TorchScript");
        assertRefused(bin(empty, Map.of("constants.pkl", new byte[1])), "TorchScript");
        assertRefused(bin(empty, Map.of("byteorder", bytes("big"))), "not little-endian");
        assertRefused(bin(empty, Map.of("../x", new byte[1])), "not a plain relative path");
        assertRefused(bin(empty, Map.of("a\\b", new byte[1])), "not a plain relative path");
        assertRefused(zip(Map.of("x/data.pkl", empty, "y/data.pkl", empty), ZipEntry.STORED), "is outside of");
        assertRefused(zip(Map.of("x/other", empty), ZipEntry.STORED), "has no x/data.pkl");
        assertRefused(zip(Map.of("x/data.pkl", new byte[100_000]), ZipEntry.DEFLATED), "compressed or encrypted");
        assertRefused(join(bin(empty, Map.of()), new byte[1]), "does not end with its directory");
        assertRefused(join(new byte[1], bin(empty, Map.of())), "neither a zip archive");
        assertRefused(bytes("\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019."), "the pickle is cut off");
        assertRefused(new byte[0], "neither a zip archive");
        assertThatThrownBy(() -> PytorchFile.open(folder.resolve("none"))).hasMessageContaining("no such file");
    }

    @Test
    void refusesArchivesThatContradictThemselves() throws IOException {
        byte[] good = bin(dictionary(new byte[0]), Map.of("data/0", new byte[8]));
        int end = good.length - 22;
        int directory = ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getInt(end + 16);
        int nameBytes = "archive/data.pkl".length();
        int second = directory + 46 + nameBytes;

        assertRefused(with(good, end + 10, 0xFF), "cut off");
        assertRefused(with(good, end + 10, 1), "more entries");
        assertRefused(with(good, end + 16, 3), "not where its end says");
        assertRefused(with(good, directory + 8, 1), "compressed or encrypted");
        assertRefused(with(good, directory + 10, 8), "compressed or encrypted");
        assertRefused(with(good, directory + 16, 77), "checksum differs");
        assertRefused(with(good, directory + 24, 99), "sizes or a place that cannot be");
        assertRefused(with(good, 30, 'X'), "differs between the directory and its own header");
        assertRefused(with(good, 8, 8), "differs between the directory and its own header");
        assertRefused(with(with(good, second + 20, 0xF0), second + 24, 0xF0), "beyond the directory");
        assertRefused(with(with(good, directory + 20, 20), directory + 24, 20), "overlaps");
    }

    @Test
    void refusesADuplicateEntry() throws IOException {
        byte[] two = zip(sorted("x/data.pkl", dictionary(new byte[0]), "x/data.pkx", new byte[3]), ZipEntry.STORED);
        assertRefused(new String(two, StandardCharsets.ISO_8859_1).replace("data.pkx", "data.pkl")
                .getBytes(StandardCharsets.ISO_8859_1), "'x/data.pkl' is there twice");
    }

    @Test
    void refusesAMillionEntriesAtOnce() {
        ByteBuffer archive = ByteBuffer.allocate(4 + 56 + 20 + 22).order(ByteOrder.LITTLE_ENDIAN);
        archive.putInt(0x04034b50);
        archive.putInt(0x06064b50).putLong(44).putInt(0).putInt(0).putInt(0).putLong(1_000_000).putLong(1_000_000)
                .putLong(0).putLong(4);
        archive.putInt(0x07064b50).putInt(0).putLong(4).putInt(1);
        archive.putInt(0x06054b50);
        assertRefused(archive.array(), "claims 1000000 entries, at most 100000");
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        byte[] good = Files.readAllBytes(REFERENCE);
        for (int length = 0; length < good.length; length += length < good.length - 100 ? 31 : 1) {
            assertRefused(Arrays.copyOf(good, length), "in ");
        }
        byte[] pickle = dictionary(tensor("FloatStorage", 2, 0, List.of(2L), List.of(1L)));
        for (int length = 0; length < pickle.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(pickle, 0, length).slice();
            assertThatThrownBy(() -> TensorPickle.read(cut)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void meetsEveryMutationWithAResultOrTheDocumentedException() throws IOException {
        byte[] good = Files.readAllBytes(REFERENCE);
        Random random = new Random(11);
        int refused = 0;
        for (int i = 0; i < 600; i++) {
            byte[] mutant = good.clone();
            // In the pickle, whose checksum is made to fit, or anywhere.
            boolean pickle = i % 3 != 0;
            for (int edits = random.nextInt(3); edits >= 0; edits--) {
                int at = pickle ? 64 + random.nextInt(1500) : random.nextInt(mutant.length);
                mutant[at] = (byte) random.nextInt(256);
            }
            try (PointerScope scope = new PointerScope();
                    PytorchFile file = PytorchFile.open(write(pickle ? repaired(mutant) : mutant))) {
                file.tensors().keySet().forEach(file::tensor);
            } catch (CheckpointException e) {
                refused++;
                assertThat(e.getMessage()).hasLineCount(1);
            }
        }
        assertThat(refused).isBetween(200, 599);
    }

    /** Puts the checksum of the first entry, which is the pickle, right. */
    private static byte[] repaired(byte[] archive) {
        ByteBuffer bytes = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
        int directory = bytes.getInt(archive.length - 22 + 16);
        int offset = 30 + bytes.getShort(26) + bytes.getShort(28);
        CRC32 crc = new CRC32();
        crc.update(archive, offset, bytes.getInt(directory + 24));
        bytes.putInt(directory + 16, (int) crc.getValue());
        return archive;
    }

    private void assertRefused(byte[] content, String message) {
        Path file = write(content);
        assertThatThrownBy(() -> PytorchFile.open(file).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(file.toString())
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    }

    private Path write(byte[] content) {
        try {
            return Files.write(folder.resolve("attack.bin"), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A dictionary that gets, as {@code k}, what the instructions leave; it is remembered as 0. */
    private static byte[] dictionary(byte[] instructions) {
        return instructions.length == 0
                ? bytes("\u0080\u0002}.")
                : join(bytes("\u0080\u0002}q\u0000X", text("k")), instructions, bytes("s."));
    }

    private static byte[] tensor(String storage, long elements, long offset, List<Long> sizes, List<Long> strides) {
        return join(bytes("ctorch._utils\n_rebuild_tensor_v2\n((X", text("storage"), "ctorch\n" + storage + "\nX",
                        text("0"), "X", text("cpu")), number(elements), bytes("tQ"), number(offset),
                tuple(sizes), tuple(strides), bytes("\u0089}tR"));
    }

    private static byte[] tuple(List<Long> numbers) {
        return join(bytes("("), join(numbers.stream().map(PytorchFileTest::number).toArray(byte[][]::new)), bytes("t"));
    }

    private static byte[] number(long value) {
        return join(bytes("\u008a\u0008"),
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    }

    private static String text(String text) {
        return (char) text.length() + "\u0000\u0000\u0000" + text;
    }

    /** One byte for each character. */
    private static byte[] bytes(String... parts) {
        return String.join("", parts).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] copy = bytes.clone();
        copy[at] = (byte) value;
        return copy;
    }

    private static byte[] bin(byte[] pickle, Map<String, byte[]> others) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("archive/data.pkl", pickle);
        others.forEach((name, content) -> entries.put("archive/" + name, content));
        return zip(entries, ZipEntry.STORED);
    }

    private static Map<String, byte[]> sorted(String first, byte[] one, String second, byte[] two) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put(first, one);
        entries.put(second, two);
        return entries;
    }

    private static byte[] zip(Map<String, byte[]> entries, int method) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                ZipEntry record = new ZipEntry(entry.getKey());
                record.setMethod(method);
                CRC32 crc = new CRC32();
                crc.update(entry.getValue());
                record.setCrc(crc.getValue());
                record.setSize(entry.getValue().length);
                zip.putNextEntry(record);
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
