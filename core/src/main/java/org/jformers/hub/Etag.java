package org.jformers.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The hub's name for the content of a file, and the name of its blob in the cache: the SHA-256 of a large file, the git
 * hash of a small one. A mirror may have names of its own, which prove nothing.
 *
 * @param value the bare name
 * @param strong whether equal names mean equal bytes
 */
record Etag(String value, boolean strong) {
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern GIT = Pattern.compile("[0-9a-f]{40}");

    /**
     * Reads the header of a response.
     *
     * @throws HubException if it cannot be the name of a file
     */
    static Etag parse(String header, String where) {
        boolean weak = header.startsWith("W/");
        String bare = (weak ? header.substring(2) : header).strip().replaceAll("^\"|\"$", "");
        if (!SAFE.matcher(bare).matches()) {
            throw new HubException("etag: got " + Names.quote(header)
                    + ", allowed letters, digits, '.', '_' and '-', from " + where);
        }
        return new Etag(bare, !weak);
    }

    /** Whether it is a hash of the content. */
    boolean isHash() {
        return SHA256.matcher(value).matches() || GIT.matcher(value).matches();
    }

    /** Whether bytes of an earlier download may be gone on with. */
    boolean resumable() {
        return strong || isHash();
    }

    /** What the content's bytes go through to give {@link #value}; empty where the name is no hash. */
    Optional<MessageDigest> digest(long size) {
        if (SHA256.matcher(value).matches()) {
            return Optional.of(algorithm("SHA-256"));
        }
        if (!GIT.matcher(value).matches()) {
            return Optional.empty();
        }
        MessageDigest digest = algorithm("SHA-1");
        digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII)); // git's header of a file
        return Optional.of(digest);
    }

    private static MessageDigest algorithm(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }
}
