package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jformers.testkit.Fixtures;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models by id, and back, in a process of its own, for the environment says where the hub is. */
final class DownloadCommandTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    @TempDir
    private Path folder;

    private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
    private HttpServer hub;

    /** A hub that has one model, {@code org/tiny}, with the files of a folder. */
    @BeforeEach
    void serve() throws IOException {
        Path model = folder.resolve("model");
        Files.createDirectories(model);
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(Fixtures.folder("models/gpt2-lm").resolve(name), model.resolve(name));
        }
        ByteLevelBpeTrainer.builder().vocabSize(300).build().train(List.of("A volcano is a mountain.")).save(model);
        hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hub.createContext("/", exchange -> {
            try (exchange) {
                String path = exchange.getRequestURI().getPath();
                requests.add(exchange.getRequestMethod() + " " + path);
                Path file = model.resolve(path.replaceFirst(".*/", ""));
                if (!path.startsWith("/org/tiny/resolve/") || !Files.exists(file)) {
                    exchange.sendResponseHeaders(404, -1);
                    return;
                }
                byte[] content = Files.readAllBytes(file);
                exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
                exchange.getResponseHeaders().set("ETag", "\"tag-" + file.getFileName() + "\"");
                if (exchange.getRequestMethod().equals("HEAD")) {
                    exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
                    exchange.sendResponseHeaders(200, -1);
                } else {
                    exchange.sendResponseHeaders(200, content.length);
                    exchange.getResponseBody().write(content);
                }
            }
        });
        hub.start();
    }

    @AfterEach
    void stop() {
        hub.stop(0);
    }

    private Run jformers(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), Jformers.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder java = new ProcessBuilder(command).redirectError(folder.resolve("err").toFile());
        java.environment().putAll(Map.of(
                "HF_HOME", folder.resolve("home").toString(), "HF_HUB_CACHE", "",
                "HF_ENDPOINT", "http://127.0.0.1:" + hub.getAddress().getPort(), "HF_HUB_OFFLINE", "0"));
        java.environment().putAll(environment);
        Process process = java.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), out, Files.readString(folder.resolve("err")));
    }

    @Test
    void aModelIsDownloadedOnceAndUsedOffline() throws Exception {
        Path snapshot = folder.resolve("home/hub/models--org--tiny/snapshots").resolve(COMMIT);
        Run encode = jformers(Map.of(), "tokenizer", "encode", "--model", "org/tiny", "A volcano");
        assertThat(encode.exitCode()).as(encode.err()).isZero();
        assertThat(snapshot.resolve("tokenizer.json")).exists();
        assertThat(snapshot.resolve("model.safetensors")).doesNotExist();

        Run download = jformers(Map.of(), "download", "org/tiny", "--revision", "main");
        assertThat(download.exitCode()).as(download.err()).isZero();
        assertThat(download.out()).isEqualTo(snapshot + System.lineSeparator());
        assertThat(download.err()).contains("bytes ");

        requests.clear();
        Run inspect = jformers(Map.of("HF_HUB_OFFLINE", "1"), "inspect", "org/tiny@" + COMMIT);
        assertThat(inspect.exitCode()).as(inspect.err()).isZero();
        assertThat(inspect.out()).startsWith("family = gpt2");
        assertThat(requests).isEmpty();
    }

    @Test
    void errorsSayWhatWasTried() throws Exception {
        Run online = jformers(Map.of(), "generate", "--model", "org/none", "--prompt", "x");
        assertThat(online.exitCode()).isEqualTo(1);
        assertThat(online.err()).hasLineCount(1).contains("no such folder", "org/none", "404");
        Run offline = jformers(Map.of("HF_HUB_OFFLINE", "1"), "translate", "--model", "org/tiny", "x");
        assertThat(offline.exitCode()).isEqualTo(1);
        assertThat(offline.err()).hasLineCount(1)
                .contains("no such folder", "org/tiny", folder.resolve("home/hub").toString(), "HF_HUB_OFFLINE");
    }

    @Test
    void theEnvironmentIsShownWithoutTheToken() throws Exception {
        Run env = jformers(Map.of("HF_TOKEN", "hf_secret", "HF_HUB_OFFLINE", "1"), "env");
        assertThat(env.out()).contains("offline, with a token", folder.resolve("home/hub").toString())
                .doesNotContain("hf_secret");
    }

    @Test
    void uploadsAndListsFailInOneLine() throws Exception {
        String model = folder.resolve("model").toString();
        Run anonymous = jformers(Map.of("HF_TOKEN", "", "HF_TOKEN_PATH", model), "upload", model, "org/new");
        assertThat(anonymous.exitCode()).isEqualTo(1);
        assertThat(anonymous.err()).hasLineCount(1).contains("org/new", "HF_TOKEN");
        Run refused = jformers(Map.of("HF_TOKEN", "hf_secret"), "upload", model, "org/new");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).hasLineCount(1).contains("org/new", "404").doesNotContain("hf_secret");
        Run list = jformers(Map.of(), "download", "org/none", "--list");
        assertThat(list.exitCode()).isEqualTo(1);
        assertThat(list.err()).hasLineCount(1).contains("org/none", "404");
        assertThat(requests).contains("POST /api/repos/create", "GET /api/models/org/none/tree/main");
    }

    @Test
    void wrongUsage() {
        assertThat(Run.jformers("upload", "folder", "../x").exitCode()).isEqualTo(2);
        assertThat(Run.jformers("download", "../x").exitCode()).isEqualTo(2);
        assertThat(Run.jformers("download", "org/tiny@v1", "--revision", "v2").err()).contains("names one already");
    }
}
