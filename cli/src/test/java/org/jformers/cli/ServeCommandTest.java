package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code jformers serve} from its first line to its end, and its page. */
@Timeout(120)
final class ServeCommandTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private static void awaitReady(Child child, int port) throws Exception {
        while (child.alive()) {
            try {
                HTTP.send(request(port, "/ready").build(), HttpResponse.BodyHandlers.ofString());
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    private static HttpRequest writing(int port, int tokens, String key) {
        return request(port, "/v1/completions").header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\": \"it\", \"prompt\": \"A volcano\", \"max_tokens\": " + tokens
                        + ", \"stream\": true}")).build();
    }

    @Test
    void servesUntilASignalAndEndsWhatIsOpen() throws Exception {
        Path model = TinyModels.longWriter(folder);
        Path keys = Files.writeString(folder.resolve("keys"), "a-key\n");
        int port = freePort();
        Child child = Child.start(Map.of(), List.of(), "serve", "it=" + model, "--port", Integer.toString(port),
                "--api-key", keys.toString());
        awaitReady(child, port);
        assertThat(HTTP.send(writing(port, 2, "none"), HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(401);
        List<String> left = new ArrayList<>();
        try (Stream<String> lines = HTTP.send(
                writing(port, 3000, "a-key"), HttpResponse.BodyHandlers.ofLines()).body()) {
            Iterator<String> each = lines.iterator();
            each.next();
            child.signal("TERM");
            each.forEachRemaining(left::add);
        }
        assertThat(left).contains("data: [DONE]");
        Run ended = child.end();
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(143);
        assertThat(ended.out()).startsWith("listening on http://127.0.0.1:" + port + "\nserving it\n");
        assertThat(ended.err()).contains("POST /v1/completions 200").contains("POST /v1/completions 401")
                .doesNotContain("volcano", "a-key");
    }

    private String asked(String path, String body, List<String> command) throws Exception {
        int port = freePort();
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of("--port", Integer.toString(port), "--drain", "0"));
        Child child = Child.start(Map.of(), List.of(), arguments.toArray(String[]::new));
        awaitReady(child, port);
        HttpResponse<String> answer = HTTP.send(request(port, path).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
        child.signal("TERM");
        assertThat(child.end().exitCode()).isEqualTo(143);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    /** The arguments of the command that serves what a run has made, as the run prints it. */
    private static List<String> serving(Run run) {
        assertThat(run.exitCode()).as(run.err()).isZero();
        String line = run.out().lines().filter(each -> each.startsWith("./jformers serve ")).findFirst().orElseThrow();
        return List.of(line.split(" ")).subList(1, 3);
    }

    @Test
    void whatARunMakesIsServedByTheCommandThatItPrints() throws Exception {
        StringBuilder lines = new StringBuilder("text,label\n");
        for (int i = 1; i <= 20; i++) {
            lines.append("film ").append("is ".repeat(i)).append(i % 2 == 0 ? "good,1\n" : "poor,0\n");
        }
        Path rows = Files.writeString(folder.resolve("rows.csv"), lines);
        Run tuned = Run.jformers("finetune", TinyClassifier.start(folder.resolve("start")).toString(), "--train",
                rows.toString(), "--text", "text", "--label", "label", "--task", "text-classification",
                "--max-steps", "4", "--out", folder.resolve("tuned").toString());
        assertThat(asked("/forward", "{\"inputs\": \"film is good\"}", serving(tuned))).contains("\"score\":");
        Run quick = Run.jformers(QuickRun.arguments(folder, "5"));
        assertThat(asked("/forward", "{\"inputs\": \"12\"}", serving(quick))).contains("\"generated_text\"");
    }

    @Test
    void endsInTheTimeThatItHas() throws Exception {
        Path model = TinyModels.longWriter(folder);
        for (int drain : List.of(0, 1)) {
            int port = freePort();
            Child child = Child.start(Map.of(), List.of(), "serve", "it=" + model, "--port", Integer.toString(port),
                    "--drain", Integer.toString(drain));
            awaitReady(child, port);
            List<String> left = new ArrayList<>();
            long signal;
            try (Stream<String> lines = HTTP.send(
                    writing(port, 3000, "none"), HttpResponse.BodyHandlers.ofLines()).body()) {
                Iterator<String> each = lines.iterator();
                each.next();
                child.signal("TERM");
                signal = System.nanoTime();
                each.forEachRemaining(left::add);
            }
            assertThat(child.end().exitCode()).isEqualTo(143);
            assertThat((System.nanoTime() - signal) / 1e9).isLessThan(drain + 10.0);
            if (!left.contains("data: [DONE]")) {
                assertThat(String.join("\n", left)).contains("shutting_down");
            }
        }
    }

    @Test
    void refusesWhatItCannotServe() throws IOException {
        String model = TinyModels.writer(folder).toString();
        assertThat(Run.jformers("serve", model, "--host", "0.0.0.0"))
                .isEqualTo(new Run(1, "", "jformers: server: got the address 0.0.0.0 without a key, allowed with one,"
                        + " or where everybody may come in (insecure)\n"));
        assertThat(Run.jformers("serve", model, model).err()).contains("got gpt2 a second time");
        assertThat(Run.jformers("serve", model, "--adapter", "law=x").err()).contains("allowed MODEL:NAME=REF");
        assertThat(Run.jformers("serve", model, "--adapter", "no:law=x").err()).contains("allowed of [gpt2]");
        assertThat(Run.jformers("serve", model, "--api-key", folder.resolve("none").toString()).err())
                .contains("keys: cannot read");
        assertThat(Run.jformers("serve", folder.resolve("none").toString()).err()).contains("no such folder");
    }

    @Test
    void theBlockOfThePageServes() throws Exception {
        List<String> blocks = JavaBlocks.of(Path.of("../docs/serving.md"));
        assertThat(blocks).hasSize(1);
        String model = TinyModels.writer(folder).toString().replace('\\', '/');
        JavaBlocks.compile(List.of(JavaBlocks.asProgram(blocks.get(0).replace("path/to/model", model))), folder);
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            assertThat(Printed.by(loader.loadClass("Example")))
                    .matches("listening on http://127.0.0.1:\\d+\\R");
        }
    }
}
