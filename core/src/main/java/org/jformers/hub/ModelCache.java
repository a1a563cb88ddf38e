package org.jformers.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Model folders that were made of something else, such as an archive: each is made once, by one process, and is there
 * whole or not at all.
 */
public final class ModelCache {
    private final Path folder;

    /** @param folder of the cache; made for its owner alone when it is first needed */
    public ModelCache(Path folder) {
        this.folder = folder;
    }

    /** The cache of this user: {@code jformers/artifacts} in {@code XDG_CACHE_HOME}, by default {@code ~/.cache}. */
    public static ModelCache fromEnvironment() {
        return fromEnvironment(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    static ModelCache fromEnvironment(Map<String, String> environment, Path userHome) {
        Path caches = Optional.ofNullable(environment.get("XDG_CACHE_HOME"))
                .filter(value -> !value.isBlank())
                .map(Path::of)
                .orElse(userHome.resolve(".cache"));
        return new ModelCache(caches.resolve("jformers").resolve("artifacts").toAbsolutePath().normalize());
    }

    /** Where it is. */
    public Path folder() {
        return folder;
    }

    /**
     * The folder of a key, made now if it is not there.
     *
     * @param name what it is, for people who look into the cache
     * @param sha256 of what it is made from, in hexadecimal digits
     * @param maker fills an empty folder; if it throws, nothing stays
     * @throws HubException if the cache cannot be written
     */
    public Path get(String name, String sha256, Consumer<Path> maker) {
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new HubException("cache key: got " + Names.quote(sha256) + ", allowed 64 hexadecimal digits");
        }
        Path named = folder.resolve(Names.requireInside(name, folder.toString()));
        Path made = named.resolve(sha256);
        if (Files.isDirectory(made, LinkOption.NOFOLLOW_LINKS)) {
            return made;
        }
        try (HeldLock lock = HeldLock.acquire(named.resolve(sha256 + ".lock"))) {
            return Files.isDirectory(made, LinkOption.NOFOLLOW_LINKS) ? made : make(made, maker);
        } catch (IOException e) {
            throw new HubException("cannot write into " + named + ": " + HubClient.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException("interrupted while another process makes " + made, e);
        }
    }

    private static Path make(Path made, Consumer<Path> maker) throws IOException {
        Path part = made.resolveSibling(made.getFileName() + ".part");
        delete(part); // of a process that was killed
        PrivateFolders.create(part);
        try {
            maker.accept(part);
            return Files.move(part, made, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            delete(part);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> found = Files.walk(folder)) {
            files = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
