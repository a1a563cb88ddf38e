package org.jformers.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jformers.Measured;
import org.jformers.hub.Hub.Visibility;
import org.jformers.hub.HubSettings.Access;
import org.jformers.hub.HubSettings.Links;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hubs that lie or dawdle, links in caches and folders that lead elsewhere. */
final class HostileHubTest {
    private static final String WEIGHTS = "model.safetensors";
    private static final String NO_HASH = "mirror-1";

    @TempDir
    private Path folder;

    private final FakeHub fake = new FakeHub();
    private final byte[] weights = new byte[300_000];

    @AfterEach
    void stop() {
        fake.close();
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    private Hub hub(java.net.URI address, Duration timeout) {
        return new Hub(new HubSettings(
                cache(), address, Optional.empty(), Access.ONLINE, Links.SYMBOLIC, timeout, 3, Duration.ofMillis(1)));
    }

    private Path download() {
        new Random(7).nextBytes(weights);
        fake.put("config.json", "{}");
        fake.putLarge(WEIGHTS, weights);
        return hub(fake.address(), Duration.ofSeconds(5)).file(FakeHub.ID, "main", WEIGHTS);
    }

    private Path blobs() {
        return cache().resolve("models--org--tiny/blobs");
    }

    /** A link where what has come so far would be written: its target stays as it is. */
    @ParameterizedTest
    @ValueSource(strings = {".jformers.incomplete", ".lock"})
    void writesThroughNoLink(String ending) throws IOException {
        new Random(7).nextBytes(weights);
        Path target = Files.writeString(folder.resolve("precious"), "somebody's own");
        Path link = ending.equals(".lock")
                ? cache().resolve(".locks/models--org--tiny").resolve(FakeHub.sha256(weights) + ending)
                : blobs().resolve(FakeHub.sha256(weights) + ending);
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, target);
        assertThatThrownBy(this::download).isInstanceOf(HubException.class).hasMessageContaining("cannot write");
        assertThat(target).hasContent("somebody's own");
    }

    @Test
    void takesNoLinkForABlob() throws IOException {
        new Random(7).nextBytes(weights);
        Path target = Files.write(folder.resolve("planted"), new byte[weights.length]);
        Files.createDirectories(blobs());
        Files.createSymbolicLink(blobs().resolve(FakeHub.sha256(weights)), target);
        assertThat(download()).hasBinaryContent(weights);
        assertThat(target).hasBinaryContent(new byte[weights.length]);
    }

    @Test
    void readsNoSnapshotThatLeadsOutOfTheCache() throws IOException {
        Path file = download();
        Path target = Files.writeString(folder.resolve("secret"), "somebody's own");
        Files.delete(file);
        Files.createSymbolicLink(file, target);
        assertThat(download()).hasBinaryContent(weights);
        assertThat(target).hasContent("somebody's own");
    }

    @Test
    void cachesAreTheirOwnersAlone() throws IOException {
        download();
        for (Path made : List.of(cache(), blobs(), cache().resolve(".locks"), blobs().resolveSibling("snapshots"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made))).isEqualTo("rwx------");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "folder", "up"})
    void publishesNoFileThatALinkBringsIn(String kind) throws IOException {
        Path secrets = Files.createDirectories(folder.resolve("home/.ssh"));
        Path secret = Files.writeString(secrets.resolve("id"), "private key");
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{}");
        Path target = switch (kind) {
            case "file" -> secret;
            case "folder" -> secrets;
            default -> Path.of("../home/.ssh/id");
        };
        Files.createSymbolicLink(model.resolve("notes.txt"), target);
        try (FakeUploads uploads = new FakeUploads()) {
            Hub hub = new Hub(new HubSettings(cache(), uploads.address(), Optional.of(FakeUploads.TOKEN), Access.ONLINE,
                    Links.SYMBOLIC, Duration.ofSeconds(5), 3, Duration.ofMillis(1)));
            ModelId id = new ModelId(FakeUploads.ID, "main");
            assertThatThrownBy(() -> hub.upload(model, id, Visibility.PRIVATE, "Add", TransferListener.NONE))
                    .isInstanceOf(HubException.class)
                    .hasMessageStartingWith("upload: got 'notes.txt'").hasMessageContaining(model.toString());
            assertThat(uploads.files).isEmpty();

            Files.delete(model.resolve("notes.txt"));
            Files.createSymbolicLink(model.resolve("again.json"), Path.of("config.json"));
            hub.upload(model, id, Visibility.PRIVATE, "Add", TransferListener.NONE);
            assertThat(uploads.files).containsOnlyKeys("config.json", "again.json");
        }
    }

    @Test
    void publishesTheCachesOwnSnapshot() throws IOException {
        Path snapshot = download().getParent();
        Path config = hub(fake.address(), Duration.ofSeconds(5)).file(FakeHub.ID, "main", "config.json");
        assertThat(config).isSymbolicLink();
        try (FakeUploads uploads = new FakeUploads()) {
            new Hub(new HubSettings(cache(), uploads.address(), Optional.of(FakeUploads.TOKEN), Access.ONLINE,
                            Links.SYMBOLIC, Duration.ofSeconds(5), 3, Duration.ofMillis(1)))
                    .upload(snapshot, new ModelId(FakeUploads.ID, "main"), Visibility.PRIVATE, "Add",
                            TransferListener.NONE);
            assertThat(uploads.files).containsOnlyKeys("config.json", WEIGHTS);
        }
    }

    // A hub of one's own making: HEAD and GET of files, and the listing.

    private interface Misbehaviour {
        void get(HttpExchange exchange) throws IOException;
    }

    private static FakeServer server(long size, String etag, Misbehaviour misbehaviour) {
        return new FakeServer(exchange -> {
            exchange.getResponseHeaders().set("X-Repo-Commit", FakeHub.COMMIT);
            exchange.getResponseHeaders().set("ETag", '"' + etag + '"');
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Long.toString(size));
                exchange.sendResponseHeaders(200, -1);
            } else {
                misbehaviour.get(exchange);
            }
        });
    }

    @Test
    void sizesThatOverflowFitNoDisk() {
        try (FakeServer server = server(999_999_999_999_999_999L, NO_HASH, exchange -> {
            throw new AssertionError("nothing is to be asked for");
        })) {
            Measured.hostile("sizes", () -> assertThatThrownBy(
                    () -> hub(server.address(), Duration.ofSeconds(5)).snapshot(FakeHub.ID, "main"))
                    .isInstanceOf(HubException.class).hasMessageContaining("needs").hasMessageContaining("are free"));
        }
    }

    @Test
    void givesUpAHostThatKeepsSendingAnotherRange() {
        AtomicInteger asked = new AtomicInteger();
        try (FakeServer server = server(2_000_000, NO_HASH, exchange -> {
            asked.incrementAndGet();
            if (FakeServer.header(exchange, "Range").isEmpty()) {
                exchange.sendResponseHeaders(200, 2_000_000);
                exchange.getResponseBody().write(new byte[300_000]); // and breaks off
            } else {
                exchange.getResponseHeaders().set("Content-Range", "bytes 7-8/9");
                exchange.sendResponseHeaders(206, 2);
                exchange.getResponseBody().write(new byte[2]);
            }
        })) {
            Measured.hostile("ranges", () -> assertThatThrownBy(
                    () -> hub(server.address(), Duration.ofSeconds(5)).file(FakeHub.ID, "main", WEIGHTS))
                    .isInstanceOf(HubException.class).hasMessageContaining("broke off"));
            assertThat(asked.get()).isLessThan(10);
        }
    }

    @Test
    void givesUpAHostThatSendsAByteNowAndThen() {
        try (FakeServer server = server(2_000_000, NO_HASH, exchange -> {
            exchange.sendResponseHeaders(200, 2_000_000);
            for (int sent = 0; sent < 2_000_000; sent++) {
                exchange.getResponseBody().write(0);
                exchange.getResponseBody().flush();
                pause();
            }
        })) {
            Measured.hostile("a slow host", () -> assertThatThrownBy(
                    () -> hub(server.address(), Duration.ofMillis(50)).file(FakeHub.ID, "main", WEIGHTS))
                    .isInstanceOf(HubException.class).hasMessageContaining("bytes came in"));
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Where the file's own name is no hash, the one that the hub lists for it holds. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void holdsAFileAgainstTheHashThatTheHubLists(boolean right) {
        byte[] content = "{}".getBytes(StandardCharsets.UTF_8);
        String hash = right ? FakeHub.gitHash(content) : "0".repeat(40);
        String listing = "[{\"type\": \"file\", \"path\": \"config.json\", \"size\": 2, \"oid\": \"" + hash + "\"}]";
        try (FakeServer server = server(content.length, NO_HASH, exchange -> {
            boolean listed = exchange.getRequestURI().getPath().contains("/tree/");
            byte[] body = listed ? listing.getBytes(StandardCharsets.UTF_8) : content;
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        })) {
            Hub hub = hub(server.address(), Duration.ofSeconds(5));
            if (right) {
                assertThat(hub.file(FakeHub.ID, "main", "config.json")).hasBinaryContent(content);
            } else {
                assertThatThrownBy(() -> hub.file(FakeHub.ID, "main", "config.json"))
                        .isInstanceOf(HubException.class).hasMessageContaining("its hash is");
            }
        }
    }
}
