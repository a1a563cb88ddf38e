package org.jformers.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that are made once, whole or not at all. */
final class ModelCacheTest {
    /** SHA-256 of "abc", as FIPS 180-2 prints it. */
    private static final String KEY = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    private Path folder;

    private Path source;

    @BeforeEach
    void writeSource() throws IOException {
        source = Files.writeString(folder.resolve("source.jar"), "abc");
    }

    private static void write(Path made) {
        try {
            Files.writeString(made.resolve("config.json"), "{}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void isWhereTheEnvironmentSays() {
        Path home = folder.resolve("home");
        assertThat(ModelCache.fromEnvironment(Map.of(), home).folder())
                .isEqualTo(home.resolve(".cache/jformers/artifacts"));
        assertThat(ModelCache.fromEnvironment(Map.of("XDG_CACHE_HOME", folder.resolve("x").toString()), home).folder())
                .isEqualTo(folder.resolve("x/jformers/artifacts"));
    }

    @Test
    void isMadeForItsOwnerAloneAndOnce() throws IOException {
        ModelCache cache = new ModelCache(folder.resolve("a/cache"));
        Path made = cache.get("tiny", source, "", ModelCacheTest::write);
        assertThat(made).isEqualTo(folder.resolve("a/cache/tiny").resolve(KEY)).isDirectoryContaining("glob:**.json");
        for (Path one : List.of(folder.resolve("a"), folder.resolve("a/cache"), made)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one))).isEqualTo("rwx------");
        }
        assertThat(cache.get("tiny", source, "", again -> {
            throw new AssertionError("made twice");
        })).isEqualTo(made);
    }

    @Test
    void whatFailsOrWasKilledLeavesNothing() throws IOException {
        ModelCache cache = new ModelCache(folder);
        assertThatThrownBy(() -> cache.get("tiny", source, "", made -> {
            write(made);
            throw new HubException("no model");
        })).hasMessage("no model");
        Path part = folder.resolve("tiny").resolve(KEY + ".part");
        assertThat(part).doesNotExist();
        assertThat(part.resolveSibling(KEY)).doesNotExist();
        Files.createDirectories(part.resolve("sub"));
        Files.writeString(part.resolve("sub/old"), "of a process that was killed");
        try (Stream<Path> files = Files.list(cache.get("tiny", source, "", ModelCacheTest::write))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void threadsWaitForOneMaker() throws Exception {
        AtomicInteger times = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Path> ask = () -> new ModelCache(folder).get("tiny", source, "", made -> {
                times.incrementAndGet();
                write(made);
            });
            for (Future<Path> made : threads.invokeAll(List.of(ask, ask, ask, ask))) {
                assertThat(made.get().resolve("config.json")).exists();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(times).hasValue(1);
    }

    @Test
    void namesStayInsideAndSourcesMustBeThere() {
        ModelCache cache = new ModelCache(folder);
        assertThatThrownBy(() -> cache.get("..", source, "", ModelCacheTest::write)).isInstanceOf(HubException.class);
        assertThatThrownBy(() -> cache.get("tiny", folder.resolve("none.jar"), "", ModelCacheTest::write))
                .isInstanceOf(HubException.class).hasMessageContaining("none.jar");
    }

    @Test
    void theSameFileIsReadOnceAndAChangedOneAgain() throws IOException {
        ModelCache cache = new ModelCache(folder);
        Path made = cache.get("tiny", source, "", ModelCacheTest::write);
        FileTime time = Files.getLastModifiedTime(source);
        assertThat(cache.get("tiny", source, "part", ModelCacheTest::write)).isNotEqualTo(made);
        Files.setLastModifiedTime(Files.writeString(source, "abd"), time);
        assertThat(cache.get("tiny", source, "", ModelCacheTest::write)).isEqualTo(made);
        Files.setLastModifiedTime(source, FileTime.from(time.toInstant().plusSeconds(1)));
        assertThat(cache.get("tiny", source, "", ModelCacheTest::write)).isNotEqualTo(made);
    }
}
