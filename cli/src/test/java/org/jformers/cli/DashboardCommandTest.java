package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jformers.JformersException;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code jformers dashboard}, and what it reads of runs. */
@Timeout(120)
final class DashboardCommandTest {
    @TempDir
    private Path folder;

    private Path run(String name) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(run.resolve("experiment.json"), "{\"seed\": 1}");
        return run;
    }

    private static void measure(Path run, long step, double loss) {
        try (MetricLog log = MetricLog.resume(run.resolve("metrics.jsonl"), step - 1)) {
            log.append(new MetricRow(step, "train", 10 + step, Map.of("loss", loss)));
        }
    }

    @Test
    void servesUntilASignal() throws Exception {
        measure(run("one"), 1, 2.5);
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Child child = Child.start(Map.of(), List.of(), "dashboard", folder.toString(), "--port", "" + port);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/runs")).build();
        HttpClient http = HttpClient.newHttpClient();
        String runs = "";
        while (child.alive() && runs.isEmpty()) {
            try {
                runs = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        assertThat(runs).startsWith("{\"runs\":[{\"name\":\"one\",\"about\":{\"settings\":{\"seed\":1},\"updated\":");
        child.signal("TERM");
        Run ended = child.end();
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(143);
        assertThat(ended.out()).isEqualTo("listening on http://127.0.0.1:" + port + "\n");
    }

    @Test
    void findsRunsInFoldersAndTellsThemApart() throws IOException {
        run("here/one");
        run("there/one");
        run("there/two");
        Files.createDirectories(folder.resolve("there/none"));
        FollowedRuns runs = new FollowedRuns(List.of(
                folder.resolve("here/one"), folder.resolve("there"), folder.resolve("there/two")));
        assertThat(runs.names()).containsExactly(
                Path.of("here", "one").toString(), Path.of("there", "one").toString(), "two");
        run("there/three");
        assertThat(runs.names()).contains("three");
        assertThatThrownBy(() -> new FollowedRuns(List.of(folder.resolve("nowhere"))))
                .isInstanceOf(JformersException.class).hasMessageContaining("nowhere");
        assertThat(Run.jformers("dashboard", folder.resolve("nowhere").toString()).err())
                .contains("which is no folder");
    }

    @Test
    void readsWhatARunMeasuresAsItComes() throws IOException {
        Path run = run("one");
        FollowedRuns runs = new FollowedRuns(List.of(run));
        assertThat(runs.metrics("one", 0).toString()).isEqualTo("{\"rows\":[],\"last\":0,\"more\":false}");
        measure(run, 1, Double.NaN);
        measure(run, 2, 0.5);
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":3,", StandardOpenOption.APPEND);
        JsonNode first = runs.metrics("one", 0);
        assertThat(Json.print(first.get("rows"))).isEqualTo(
                "[{\"step\":1,\"split\":\"train\",\"time\":11.0,\"loss\":\"NaN\"},"
                + "{\"step\":2,\"split\":\"train\",\"time\":12.0,\"loss\":0.5}]");
        measure(run, 3, 0.25);
        JsonNode second = runs.metrics("one", first.get("last").longValue());
        assertThat(second.get("rows")).hasSize(2);
        assertThat(second.at("/rows/0")).isEqualTo(first.at("/rows/1"));
    }

    @Test
    void aReportIsShownWhenTheRunHasEnded() throws IOException {
        Path run = run("one");
        FollowedRuns runs = new FollowedRuns(List.of(run));
        measure(run, 1, 2);
        assertThat(runs.about("one").has("report")).isFalse();
        Path report = Files.writeString(run.resolve("report.json"), "{\"summary\": \"good\", \"attention\": [[1]]}");
        FileTime measured = Files.getLastModifiedTime(run.resolve("metrics.jsonl"));
        Files.setLastModifiedTime(report, FileTime.fromMillis(measured.toMillis() + 1));
        assertThat(runs.about("one").get("report").toString()).isEqualTo("{\"summary\":\"good\"}");
        // It goes on.
        Files.setLastModifiedTime(run.resolve("metrics.jsonl"), FileTime.fromMillis(measured.toMillis() + 5000));
        assertThat(runs.about("one").has("report")).isFalse();
        Files.writeString(run.resolve("experiment.json"), "{");
        Files.setLastModifiedTime(run.resolve("experiment.json"), FileTime.fromMillis(measured.toMillis() + 9000));
        assertThatThrownBy(() -> runs.about("one")).hasMessageContaining("experiment.json");
    }
}
