package org.jformers.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jformers.JformersException;

/**
 * Who may ask. Keys are kept as hashes and compared in constant time, all of them, whichever is right. Where there are
 * none, a server that only this machine reaches answers requests that name this machine: a page of a browser that
 * lets a name of its own point here is refused.
 */
final class Gate {
    private static final Set<String> HERE = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String BEARER = "bearer ";

    private final List<byte[]> hashes;
    private final boolean local;

    /**
     * @param keys any of which opens; none lets everybody in
     * @param local whether requests that bring no key have to name this machine
     */
    Gate(List<String> keys, boolean local) {
        hashes = keys.stream().map(Gate::hash).toList();
        this.local = local;
    }

    /** The keys of a file, one per line; empty lines and those that begin with # are none. */
    static List<String> keys(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new JformersException("keys: cannot read " + file + ": " + e.getMessage(), e);
        }
        List<String> keys = lines.stream().map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#")).toList();
        if (keys.isEmpty()) {
            throw new JformersException("keys: got no key, allowed one per line, in " + file);
        }
        return keys;
    }

    /** Whether there are keys at all. */
    boolean keyed() {
        return !hashes.isEmpty();
    }

    /**
     * Lets a request in.
     *
     * @param authorization the header of that name, {@code Bearer KEY}
     * @param bare the header {@code X-Api-Key}
     * @return the number of its key, from 1 on; empty where there are none
     * @throws ApiException if it has no key that opens
     */
    Optional<Integer> admit(Optional<String> authorization, Optional<String> bare) {
        if (hashes.isEmpty()) {
            return Optional.empty();
        }
        byte[] given = hash(authorization
                .filter(text -> text.toLowerCase(Locale.ROOT).startsWith(BEARER))
                .map(text -> text.substring(BEARER.length()).strip())
                .or(() -> bare)
                .orElse(""));
        int found = 0;
        for (int i = 0; i < hashes.size(); i++) {
            found |= MessageDigest.isEqual(given, hashes.get(i)) ? i + 1 : 0;
        }
        if (found == 0) {
            throw new ApiException(ApiException.Kind.NO_KEY,
                    "key: got none that is known, allowed Authorization: Bearer KEY");
        }
        return Optional.of(found);
    }

    /** Refuses requests that name another machine than this one, where nothing else tells who they are from. */
    void requireHost(Optional<String> host) {
        String name = host.map(text -> text.replaceFirst(":[0-9]+$", "")).orElse("").toLowerCase(Locale.ROOT);
        if (local && hashes.isEmpty() && !HERE.contains(name)) {
            throw new ApiException(ApiException.Kind.FORBIDDEN, "host: got a name that is not this machine's, allowed "
                    + "localhost, 127.0.0.1, [::1]; with a key any");
        }
    }

    private static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
