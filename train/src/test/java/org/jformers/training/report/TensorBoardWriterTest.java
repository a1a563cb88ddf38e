package org.jformers.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardWriterTest {
    @TempDir
    Path folder;

    @Test
    void writesScalarsOfEachSplitIntoItsFolder() throws IOException {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", 2.5);
        values.put("lr", 1e-3);
        try (TensorBoardWriter writer = TensorBoardWriter.create(folder)) {
            writer.append(new MetricRow(3_000_000_000L, "train", 1763692000.25, values));
            writer.append(new MetricRow(12, "eval", 1763692001.5, Map.of("loss", Double.NaN)));
        }
        List<Message> train = events("train");
        assertThat(train).hasSize(3);
        assertThat(train.get(0).string(3)).isEqualTo("brain.Event:2");
        assertThat(train.get(0).float64(1)).isEqualTo(1763692000.25);
        assertThat(train.get(1).float64(1)).isEqualTo(1763692000.25);
        assertThat(train.get(1).varint(2)).isEqualTo(3_000_000_000L);
        assertThat(train.get(1).message(5).message(1).string(1)).isEqualTo("loss");
        assertThat(train.get(1).message(5).message(1).float32(2)).isEqualTo(2.5f);
        assertThat(train.get(2).message(5).message(1).string(1)).isEqualTo("lr");
        assertThat(train.get(2).message(5).message(1).float32(2)).isEqualTo(1e-3f);
        Message eval = events("eval").get(1);
        assertThat(eval.varint(2)).isEqualTo(12);
        assertThat(eval.message(5).message(1).float32(2)).isNaN();
    }

    @Test
    void writesTextForTheTextPlugin() throws IOException {
        String text = "| word | sounds |\n|---|---|\n| naïve 🐘 | N AA1 IY1 V |".repeat(20);
        try (TensorBoardWriter writer = TensorBoardWriter.create(folder)) {
            writer.text("eval", 5, 1, "samples", text);
        }
        Message value = events("eval").get(1).message(5).message(1);
        assertThat(value.string(1)).isEqualTo("samples");
        assertThat(value.message(9).message(1).string(1)).isEqualTo("text");
        assertThat(value.message(8).varint(1)).as("DT_STRING").isEqualTo(7);
        assertThat(value.message(8).message(2).message(2).varint(1)).as("one text").isEqualTo(1);
        assertThat(value.message(8).string(8)).isEqualTo(text);
    }

    @Test
    void resumesInALaterFileThatVoidsTheStepsDoneAgain() throws IOException {
        for (double loss : new double[] {3, 2}) {
            try (TensorBoardWriter writer = loss == 3 ? TensorBoardWriter.create(folder)
                    : TensorBoardWriter.resume(folder, 30)) {
                writer.append(new MetricRow(31, "train", 1763692000, Map.of("loss", loss)));
            }
        }
        List<Path> files = files("train");
        assertThat(files).hasSize(2);
        Message restart = read(files.get(1)).get(1);
        assertThat(restart.varint(2)).as("first step that counts anew").isEqualTo(31);
        assertThat(restart.message(7).varint(1)).as("SessionLog.START").isEqualTo(1);
        assertThat(read(files.get(1)).get(2).message(5).message(1).float32(2)).isEqualTo(2f);
        assertThat(read(files.get(0))).as("a first run starts no session anew").hasSize(2);
    }

    @Test
    void flushedEventsCanBeReadWhileTheRunGoesOn() throws IOException {
        try (TensorBoardWriter writer = TensorBoardWriter.create(folder)) {
            writer.append(new MetricRow(1, "train", 1, Map.of("loss", 1.0)));
            writer.flush();
            assertThat(events("train")).hasSize(2);
        }
    }

    @Test
    void agreesWithThePublishedChecksums() {
        // RFC 3720, B.4: 32 bytes of zeros have CRC32C 8a9136aa, "123456789" has e3069283.
        assertThat(crc32c(new byte[32])).isEqualTo(0x8a9136aa);
        assertThat(crc32c("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xe3069283);
    }

    private List<Path> files(String split) throws IOException {
        try (Stream<Path> paths = Files.list(folder.resolve(split))) {
            return paths.sorted().toList();
        }
    }

    private List<Message> events(String split) throws IOException {
        assertThat(files(split)).hasSize(1);
        return read(files(split).get(0));
    }

    /** Reads TFRecords by the format's description alone; shares no code with the writer. */
    private static List<Message> read(Path file) throws IOException {
        assertThat(file.getFileName().toString()).matches("events\\.out\\.tfevents\\.\\d{10}\\.\\w+");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Message> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = new byte[8];
            bytes.get(length);
            assertThat(bytes.getInt()).as("checksum of a length").isEqualTo(masked(crc32c(length)));
            byte[] data = new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
            bytes.get(data);
            assertThat(bytes.getInt()).as("checksum of a record").isEqualTo(masked(crc32c(data)));
            events.add(new Message(data));
        }
        return events;
    }

    private static int masked(int crc) {
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    /** Castagnoli's polynomial, reflected, bit by bit. */
    private static int crc32c(byte[] data) {
        int crc = -1;
        for (byte b : data) {
            crc ^= b & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82F63B78;
            }
        }
        return ~crc;
    }

    /** A protocol buffer message whose fields occur at most once. */
    private static final class Message {
        private final Map<Integer, byte[]> fields = new LinkedHashMap<>();

        Message(byte[] data) {
            ByteBuffer bytes = ByteBuffer.wrap(data);
            while (bytes.hasRemaining()) {
                long tag = varint(bytes);
                int start = bytes.position();
                int size;
                if ((tag & 7) == 0) {
                    varint(bytes);
                    size = bytes.position() - start;
                    bytes.position(start);
                } else {
                    size = (tag & 7) == 1 ? 8 : (tag & 7) == 5 ? 4 : (int) varint(bytes);
                }
                byte[] value = new byte[size];
                bytes.get(value);
                assertThat(fields).doesNotContainKey((int) (tag >>> 3));
                fields.put((int) (tag >>> 3), value);
            }
        }

        private static long varint(ByteBuffer bytes) {
            long value = 0;
            int shift = 0;
            byte next;
            do {
                next = bytes.get();
                value |= (next & 0x7FL) << shift;
                shift += 7;
            } while (next < 0);
            return value;
        }

        long varint(int field) {
            return varint(ByteBuffer.wrap(fields.get(field)));
        }

        double float64(int field) {
            return ByteBuffer.wrap(fields.get(field)).order(ByteOrder.LITTLE_ENDIAN).getDouble();
        }

        float float32(int field) {
            return ByteBuffer.wrap(fields.get(field)).order(ByteOrder.LITTLE_ENDIAN).getFloat();
        }

        String string(int field) {
            return new String(fields.get(field), StandardCharsets.UTF_8);
        }

        Message message(int field) {
            return new Message(fields.get(field));
        }
    }
}
