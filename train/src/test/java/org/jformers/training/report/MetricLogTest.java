package org.jformers.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricLogTest {
    @TempDir
    Path folder;

    private static MetricRow row(long step, double loss) {
        return new MetricRow(step, MetricRow.TRAIN, 1.75e9 + step / 3.0, Map.of("loss", loss));
    }

    private Path logOf(long steps) {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricLog log = MetricLog.create(file)) {
            for (long step = 1; step <= steps; step++) {
                log.append(row(step, 1.0 / step));
            }
        }
        return file;
    }

    @Test
    void readsBackWhatItWrote() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", Math.PI);
        values.put("tokens/s", 12345.678);
        values.put("hostile \" \n name", -0.0);
        values.put("diverged", Double.NaN);
        values.put("scale", Double.NEGATIVE_INFINITY);
        MetricRow row = new MetricRow(7, "held-out", 1763692000.125, values);
        Path file = folder.resolve("new/folder/metrics.jsonl");
        try (MetricLog log = MetricLog.create(file)) {
            log.append(row);
            log.append(row(8, 2));
            assertThat(MetricLog.read(file)).as("read while the log is open").containsExactly(row, row(8, 2));
        }
        assertThat(MetricLog.read(file).get(0).values().keySet()).containsExactlyElementsOf(values.keySet());
    }

    @Test
    void writesOneFlatStandardJsonObjectPerLine() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricLog log = MetricLog.create(file)) {
            log.append(new MetricRow(3, "eval", 12.5, Map.of("loss", Double.NaN)));
        }
        List<String> lines = Files.readAllLines(file);
        JsonNode json = new ObjectMapper().readTree(lines.get(0));
        assertThat(lines).hasSize(1);
        assertThat(json.get("step").intValue()).isEqualTo(3);
        assertThat(json.get("split").textValue()).isEqualTo("eval");
        assertThat(json.get("time").doubleValue()).isEqualTo(12.5);
        assertThat(json.get("loss").textValue()).isEqualTo("NaN");
    }

    @Test
    void cutsOffTheStepsAfterTheResumedOne() throws IOException {
        Path file = logOf(50);
        byte[] straight = Files.readAllBytes(file);
        try (MetricLog log = MetricLog.resume(file, 30)) {
            for (long step = 31; step <= 50; step++) {
                log.append(row(step, 1.0 / step));
            }
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(straight);
    }

    @Test
    void readsAndResumesAfterALineThatAKillLeftHalfWritten() throws IOException {
        Path file = logOf(9);
        byte[] whole = Files.readAllBytes(file);
        for (int cut = 1; cut < 40; cut++) {
            Files.write(file, Arrays.copyOf(whole, whole.length - cut));
            assertThat(MetricLog.read(file)).hasSize(8);
            try (MetricLog log = MetricLog.resume(file, 9)) {
                log.append(row(9, 1.0 / 9));
            }
            assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        }
    }

    @Test
    void isFollowedWhileItIsWritten() throws IOException {
        Path file = logOf(3);
        MetricLog.Part first = MetricLog.read(file, 0);
        assertThat(first.rows()).isEqualTo(MetricLog.read(file));
        assertThat(first.more()).isFalse();
        Files.writeString(file, "{\"step\":4,\"spl", StandardOpenOption.APPEND);
        assertThat(MetricLog.read(file, first.last()).rows()).containsExactly(row(3, 1.0 / 3));
        try (MetricLog log = MetricLog.resume(file, 3)) {
            log.append(row(4, 0.25));
            log.append(row(5, 0.2));
        }
        MetricLog.Part second = MetricLog.read(file, first.last());
        assertThat(second.rows()).containsExactly(row(3, 1.0 / 3), row(4, 0.25), row(5, 0.2));
        assertThat(MetricLog.read(file, second.last()).rows()).containsExactly(row(5, 0.2));
    }

    @Test
    void isReadFromItsBeginningWhereItWasCut() {
        Path file = logOf(9);
        long last = MetricLog.read(file, 0).last();
        MetricLog.resume(file, 2).close();
        assertThat(MetricLog.read(file, last).rows()).containsExactly(row(1, 1), row(2, 0.5));
        MetricLog.resume(file, 0).close();
        assertThat(MetricLog.read(file, last).rows()).isEmpty();
    }

    @Test
    void isReadInPartsOfBoundedSize() {
        Path file = logOf(30_000);
        List<MetricRow> rows = new ArrayList<>();
        MetricLog.Part part = MetricLog.read(file, 0);
        int parts = 1;
        rows.addAll(part.rows());
        while (part.more()) {
            part = MetricLog.read(file, part.last());
            assertThat(part.rows().get(0)).isEqualTo(rows.get(rows.size() - 1));
            rows.addAll(part.rows().subList(1, part.rows().size()));
            parts++;
        }
        assertThat(parts).isGreaterThan(1);
        assertThat(rows).isEqualTo(MetricLog.read(file));
    }

    @Test
    void resumesWithoutALog() {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricLog log = MetricLog.resume(file, 10)) {
            log.append(row(11, 1));
        }
        assertThat(MetricLog.read(file)).containsExactly(row(11, 1));
    }

    @Test
    void startsOverAnOlderLog() {
        Path file = logOf(5);
        MetricLog.create(file).close();
        assertThat(MetricLog.read(file)).isEmpty();
    }

    @Test
    void namesTheLineThatIsNoRow() throws IOException {
        Path file = logOf(2);
        for (String bad : List.of("{\"step\":1,", "[]", "{\"split\":\"train\",\"time\":1}", "null",
                "{\"step\":1,\"split\":\"train\",\"time\":1,\"loss\":\"high\"}", "")) {
            logOf(2);
            Files.write(file, (bad + "\n").getBytes(StandardCharsets.UTF_8), StandardOpenOption.APPEND);
            assertThatThrownBy(() -> MetricLog.read(file))
                    .isInstanceOf(ReportException.class)
                    .hasMessageContaining("line 3")
                    .hasMessageContaining("metrics.jsonl");
        }
    }

    @Test
    void refusesAMetricNamedAsAFieldOfTheRow() {
        try (MetricLog log = MetricLog.create(folder.resolve("metrics.jsonl"))) {
            MetricRow bad = new MetricRow(1, "train", 0, Map.of("step", 1.0));
            assertThatThrownBy(() -> log.append(bad)).isInstanceOf(ReportException.class).hasMessageContaining("step");
        }
    }

    @Test
    void saysWhichLogIsMissing() {
        Path missing = folder.resolve("nothing.jsonl");
        assertThatThrownBy(() -> MetricLog.read(missing))
                .isInstanceOf(ReportException.class)
                .hasMessageContaining("nothing.jsonl");
    }
}
