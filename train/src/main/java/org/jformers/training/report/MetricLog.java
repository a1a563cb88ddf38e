package org.jformers.training.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The metrics of a run as JSON Lines, one flat object per row:
 * {@code {"step":10,"split":"train","time":1.7e9,"loss":2.5}}.
 *
 * <p>Every row reaches the operating system in one write before {@link #append} returns, so a killed process loses at
 * most the row it was writing. JSON has no NaN: it is written as {@code "NaN"}, the infinities as {@code "Infinity"}
 * and {@code "-Infinity"}. Rows are appended in the order of their steps; safe for use by several threads.
 */
public final class MetricLog implements AutoCloseable {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    /** Bytes that are read at a time. */
    private static final int PART = 1 << 20;
    private static final Set<String> RESERVED = Set.of("step", "split", "time");

    private final Path file;
    private final FileChannel channel;

    private MetricLog(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Starts an empty log, over an older one of that name if there is one. */
    public static MetricLog create(Path file) {
        return open(file, -1);
    }

    /**
     * Continues a log after the step that a checkpoint holds: rows of later steps are cut off, and so is a last line
     * that a kill left half written. A log that does not exist starts empty.
     *
     * @param step the step to resume from; its own rows stay
     */
    public static MetricLog resume(Path file, long step) {
        return open(file, step);
    }

    private static MetricLog open(Path file, long step) {
        try {
            if (file.toAbsolutePath().getParent() != null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
            }
            long keep = step < 0 || !Files.exists(file) ? 0 : bytesUntil(file, step);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(keep);
            channel.position(keep);
            return new MetricLog(file, channel);
        } catch (IOException e) {
            throw new ReportException("metrics: cannot open " + file + ": " + e.getMessage(), e);
        }
    }

    private static long bytesUntil(Path file, long step) throws IOException {
        long end = 0;
        for (Line line : lines(file)) {
            if (line.row.step() > step) {
                return end;
            }
            end = line.end;
        }
        return end;
    }

    /** Writes one row. */
    public synchronized void append(MetricRow row) {
        try {
            ByteBuffer line = ByteBuffer.wrap(line(row));
            while (line.hasRemaining()) {
                channel.write(line);
            }
        } catch (IOException e) {
            throw new ReportException("metrics: cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static byte[] line(MetricRow row) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("step", row.step());
            json.writeStringField("split", row.split());
            json.writeNumberField("time", row.time());
            for (Map.Entry<String, Double> value : row.values().entrySet()) {
                if (RESERVED.contains(value.getKey())) {
                    throw new ReportException("metrics: no metric may be named " + value.getKey()
                            + ", the row itself has " + RESERVED.stream().sorted().toList());
                }
                json.writeNumberField(value.getKey(), value.getValue());
            }
            json.writeEndObject();
        }
        bytes.write('\n');
        return bytes.toByteArray();
    }

    /** All rows of a log, also of one that is being written; a half-written last line is left out. */
    public static List<MetricRow> read(Path file) {
        try {
            return lines(file).stream().map(Line::row).toList();
        } catch (IOException e) {
            throw new ReportException("metrics: cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Rows of a log that is being written.
     *
     * @param rows in order
     * @param last where the last of them begins: who goes on from there gets it once more, and sees that it is the same
     * @param more whether further rows are there already
     */
    public record Part(List<MetricRow> rows, long last, boolean more) {
        public Part {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Rows of a log from a place on; a half-written last line is left out. A log that was cut, as a run that goes on
     * from an earlier step does, is read from its beginning where the place is no beginning of a line any more.
     *
     * @param from {@link Part#last} of the part before, 0 at first
     */
    public static Part read(Path file, long from) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long begin = beginsLine(channel, from) ? from : 0;
            byte[] bytes = bytes(channel, begin, PART);
            int end = bytes.length;
            while (end > 0 && bytes[end - 1] != '\n') {
                end--;
            }
            List<Line> lines = lines(Arrays.copyOf(bytes, end), file);
            long last = lines.size() < 2 ? begin : begin + lines.get(lines.size() - 2).end;
            return new Part(lines.stream().map(Line::row).toList(), last,
                    end > 0 && begin + bytes.length < channel.size());
        } catch (IOException e) {
            throw new ReportException("metrics: cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static boolean beginsLine(FileChannel channel, long place) throws IOException {
        return place > 0 && place < channel.size() && bytes(channel, place - 1, 1)[0] == '\n';
    }

    private static byte[] bytes(FileChannel channel, long from, int most) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(most, Math.max(0, channel.size() - from)));
        int count = 0;
        while (buffer.hasRemaining() && count >= 0) {
            count = channel.read(buffer, from + buffer.position());
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    /** A row and the offset of the first byte behind it. */
    private record Line(MetricRow row, long end) {}

    private static List<Line> lines(Path file) throws IOException {
        return lines(Files.readAllBytes(file), file);
    }

    private static List<Line> lines(byte[] bytes, Path file) {
        List<Line> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                lines.add(new Line(parse(bytes, start, i, file, lines.size() + 1), i + 1));
                start = i + 1;
            }
        }
        return lines;
    }

    private static MetricRow parse(byte[] bytes, int start, int end, Path file, int number) {
        String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
        try {
            JsonNode node = JSON.readTree(text);
            Map<String, Double> values = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                if (!RESERVED.contains(field.getKey())) {
                    values.put(field.getKey(), number(field.getValue()));
                }
            }
            if (!node.path("step").canConvertToLong() || !node.path("split").isTextual()) {
                throw new IllegalArgumentException("no step or no split");
            }
            return new MetricRow(node.get("step").longValue(), node.get("split").textValue(),
                    number(node.path("time")), values);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            String shown = text.length() > 60 ? text.substring(0, 60) + "..." : text;
            throw new ReportException("metrics: line " + number + " must be a JSON object with step, split, time and "
                    + "numbers, got '" + shown + "', in " + file, e);
        }
    }

    private static double number(JsonNode node) {
        if (node.isNumber()) {
            return node.doubleValue();
        }
        return Double.parseDouble(node.textValue() == null ? "no number" : node.textValue());
    }

    @Override
    public void close() {
        try {
            channel.force(true);
            channel.close();
        } catch (IOException e) {
            throw new ReportException("metrics: cannot close " + file + ": " + e.getMessage(), e);
        }
    }
}
