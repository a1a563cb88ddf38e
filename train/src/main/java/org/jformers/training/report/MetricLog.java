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

    /** A row and the offset of the first byte behind it. */
    private record Line(MetricRow row, long end) {}

    private static List<Line> lines(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
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
