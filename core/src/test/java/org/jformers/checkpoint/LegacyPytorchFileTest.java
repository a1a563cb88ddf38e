package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of PyTorch before 1.6, and what a pickle of either form may cost. */
class LegacyPytorchFileTest {
    private static final Path REFERENCE = Fixtures.resource("pytorch_legacy.bin");
    private static final String MAGIC = "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";
    private static final String VERSION = "\u0080\u0002M\u00e9\u0003.";
    private static final String MACHINE = "\u0080\u0002}X\r\0\0\0little_endian\u0088s.";

    @TempDir
    Path folder;

    @Test
    void readsWhatTorchSaved() {
        try (PointerScope scope = new PointerScope();
                PytorchFile file = PytorchFile.open(REFERENCE);
                PytorchFile same = PytorchFile.open(Fixtures.resource("pytorch_model.bin"))) {
            assertThat(file.tensors().keySet()).isEqualTo(same.tensors().keySet());
            file.tensors().forEach((name, info) -> {
                assertThat(info.dtype()).isEqualTo(same.tensors().get(name).dtype());
                assertThat(info.shape()).isEqualTo(same.tensors().get(name).shape());
                assertThat(Fixtures.bytes(file.tensor(name))).isEqualTo(Fixtures.bytes(same.tensor(name)));
                assertThat(Fixtures.bytes(file.read(name))).isEqualTo(Fixtures.bytes(same.tensor(name)));
            });
            assertThat(file.elements()).isEqualTo(same.elements());
        }
    }

    /** Keys and pairs as Python 2 wrote them, and the function that made tensors before 0.4. */
    @Test
    void readsWhatPython2Saved() throws IOException {
        String tensor = "ctorch._utils\n_rebuild_tensor\n((U\u0007storagectorch\n"
                + "FloatStorage\nU\u00017U\u0003cpuK\u0002NtQ"
                + "K\0K\u0002\u0085K\u0001\u0085tR";
        String state = "\u0080\u0002ccollections\nOrderedDict\n](](U\u0001k" + tensor + "ee\u0085R.";
        Path file = write(MAGIC + VERSION + MACHINE + state + "\u0080\u0002]U\u00017a." + "\u0002\0\0\0\0\0\0\0"
                + "\0\0\u0080\u003f\0\0\0\u0040");
        try (PointerScope scope = new PointerScope();
                PytorchFile old = PytorchFile.open(file)) {
            assertThat(old.tensors()).containsOnlyKeys("k");
            Tensor tensors = old.tensor("k");
            assertThat(tensors.sum().item_float()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 'version 1, '", "2, 'version 1001, {little_endian=false}'", "3, instruction 0x69",
        "4, refers to 'os.system'",
        "5, 'its list of storages does not fit'", "6, 'its storages end at'", "7, 'does not lie in the file'",
        "8, 'its list of storages does not fit'", "9, 'the pickle is cut off'", "10, 'outside that is no storage'"
    })
    void refusesOtherFiles(int which, String message) throws IOException {
        String tensor = "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\n"
                + "FloatStorage\nX\u0001\0\0\0007"
                + "X\u0003\0\0\0cpuK\u0002%stQK\0K\u0002\u0085K\u0001\u0085\u0089}tR";
        String state = "\u0080\u0002}X\u0001\0\0\0k%ss.";
        String good = state.formatted(tensor.formatted("N"));
        String keys = "\u0080\u0002]X\u0001\0\0\0007a.";
        String size = "\u0002\0\0\0\0\0\0\0";
        String data = "\0".repeat(8);
        String text = switch (which) {
            case 1 -> MAGIC + "\u0080\u0002K\u0001." + MACHINE + good + keys + size + data;
            case 2 -> MAGIC + VERSION + MACHINE.replace('\u0088', '\u0089') + good + keys + size + data;
            case 3 -> MAGIC + VERSION + MACHINE + state.formatted("(ios\nsystem\n") + keys;
            case 4 -> MAGIC + VERSION + "\u0080\u0002cos\nsystem\n." + good + keys + size + data;
            case 5 -> MAGIC + VERSION + MACHINE + good + keys;
            case 6 -> MAGIC + VERSION + MACHINE + good + keys + size + data + "more";
            case 7 -> MAGIC + VERSION + MACHINE + good + keys + size.replace('\u0002', '\u0003') + data;
            case 8 -> MAGIC + VERSION + MACHINE + good + keys.replace('7', '8') + size + data;
            case 9 -> MAGIC + VERSION + MACHINE + good.substring(0, 20);
            default -> MAGIC + VERSION + MACHINE + state.formatted(tensor.formatted("K\u0001")) + keys + size + data;
        };
        Path file = write(text);
        assertThatThrownBy(() -> PytorchFile.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("not a PyTorch weight file: ")
                .hasMessageContaining(message)
                .hasMessageEndingWith(", in " + file);
    }

    @Test
    void survivesDamage() throws IOException {
        byte[] good = Files.readAllBytes(REFERENCE);
        Random random = new Random(3);
        for (int i = 0; i < 500; i++) {
            byte[] bad = random.nextBoolean() ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int j = 0; j < 3 && bad.length > 0; j++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            Path file = Files.write(folder.resolve("damaged.bin"), bad);
            try (PytorchFile opened = PytorchFile.open(file)) {
                Scopes.run(() -> opened.tensors().keySet().forEach(opened::tensor));
            } catch (CheckpointException expected) {
                assertThat(expected.getMessage().lines()).hasSize(1);
            }
        }
    }

    /** Two thousand tensors that each are the whole of one storage. */
    @Test
    void countsWhatIsStoredOnce() throws IOException {
        StringBuilder pickle = new StringBuilder("\u0080\u0002}");
        String storage = "(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0000X\u0003\0\0\0cpuM\u00e8\u0003tQ";
        for (int i = 0; i < 2000; i++) {
            pickle.append("X\u0004\0\0\0").append(1000 + i).append("ctorch._utils\n_rebuild_tensor_v2\n(")
                    .append(storage).append("K\0M\u00e8\u0003\u0085K\u0001\u0085\u0089}tRs");
        }
        Path file = zip(pickle.append('.').toString(), 4000);
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(checkpoint.names()).hasSize(2000);
            assertThat(checkpoint.elements()).isEqualTo(1000);
        }
    }

    /** A tuple that thousands of tensors name as their sizes would be copied for each. */
    @Test
    void refusesALongTupleOfSizesAtItsFirstUse() throws IOException {
        String tensor = "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\n"
                + "FloatStorage\nX\u0001\0\0\0000X"
                + "\u0003\0\0\0cpuK\u0002tQK\0h\u0001h\u0001\u0089}tRs";
        Path file = zip("\u0080\u0002}X\u0001\0\0\0k" + tensor.replaceFirst("h\u0001", "(" + "K\u0001".repeat(400_000)
                + "tq\u0001") + ".", 8);
        assertThatThrownBy(() -> PytorchFile.open(file))
                .hasMessageContaining("a tensor of 400000 sizes, at most 64 are allowed");
    }

    private Path zip(String pickle, int storageBytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            put(zip, "a/data.pkl", pickle.getBytes(StandardCharsets.ISO_8859_1));
            put(zip, "a/data/0", new byte[storageBytes]);
        }
        return Files.write(folder.resolve("made.bin"), bytes.toByteArray());
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        entry.setSize(content.length);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    private Path write(String bytes) throws IOException {
        return Files.write(folder.resolve("legacy.bin"), bytes.getBytes(StandardCharsets.ISO_8859_1));
    }
}
