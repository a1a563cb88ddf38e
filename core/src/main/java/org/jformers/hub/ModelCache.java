package org.jformers.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
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
    private static final int KEY_DIGITS = 64;
    private static final int BUFFER_BYTES = 1 << 16;

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
     * The folder that is made of a part of a file, now if it is not there. It is named by the file's SHA-256; a file of
     * the same place, size and time as before is not read for it again.
     *
     * @param name what it is, for people who look into the cache
     * @param source the file
     * @param part what of it the folder is made of; empty for all of it
     * @param maker fills an empty folder; if it throws, nothing stays
     * @throws HubException if the file cannot be read or the cache cannot be written
     */
    public Path get(String name, Path source, String part, Consumer<Path> maker) {
        Path named = folder.resolve(Names.requireInside(name, folder.toString()));
        try {
            BasicFileAttributes state = Files.readAttributes(source, BasicFileAttributes.class);
            String seen = HexFormat.of().formatHex(sha256().digest(String.join("\n", source.toRealPath().toString(),
                    Long.toString(state.size()), state.lastModifiedTime().toString(), part)
                    .getBytes(StandardCharsets.UTF_8)));
            Path note = named.resolve(seen + ".key");
            Optional<Path> known = noted(note).map(named::resolve).filter(ModelCache::isMade);
            if (known.isPresent()) {
                return known.get();
            }
            String key = key(source, part);
            try (HeldLock lock = HeldLock.acquire(named.resolve(key + ".lock"))) {
                Path made = named.resolve(key);
                if (!isMade(made)) {
                    make(made, maker);
                }
                Path next = named.resolve(key + ".next");
                Files.writeString(next, key);
                Files.move(next, note, StandardCopyOption.ATOMIC_MOVE);
                return made;
            }
        } catch (IOException e) {
            throw new HubException("cannot read " + source + " or write into " + named + ": " + HubClient.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException("interrupted while another process unpacks " + source, e);
        }
    }

    private static Optional<String> noted(Path note) throws IOException {
        return PrivateFolders.isOwnFile(note) && Files.size(note) == KEY_DIGITS
                ? Optional.of(Files.readString(note)).filter(key -> key.matches("[0-9a-f]+"))
                : Optional.empty();
    }

    private static boolean isMade(Path made) {
        return Files.isDirectory(made, LinkOption.NOFOLLOW_LINKS);
    }

    /** The hash of a file, or of a file and the name of its part, in hexadecimal digits. */
    private static String key(Path source, String part) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(source)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest(part.getBytes(StandardCharsets.UTF_8)));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static void make(Path made, Consumer<Path> maker) throws IOException {
        Path part = made.resolveSibling(made.getFileName() + ".part");
        delete(part); // of a process that was killed
        PrivateFolders.create(part);
        try {
            maker.accept(part);
            Files.move(part, made, StandardCopyOption.ATOMIC_MOVE);
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
