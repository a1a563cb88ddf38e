package org.jformers.artifacts;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jformers.testkit.Fixtures;

/** Jars and repositories of Maven for tests. */
final class Jars {
    private Jars() {}

    /** The entries of a tiny GPT-2 below a folder, which has a {@code /} at its end or is empty. */
    static Map<String, byte[]> model(String folder) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            entries.put(folder + name, Files.readAllBytes(Fixtures.folder("models/gpt2-lm").resolve(name)));
        }
        return entries;
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Path write(Path jar, Map<String, byte[]> entries) throws IOException {
        Files.createDirectories(jar.getParent());
        try (OutputStream out = Files.newOutputStream(jar); ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return jar;
    }

    /** Puts {@code org.tiny:ARTIFACT:1.0} into a repository, with its checksum. */
    static Path deploy(Path repository, String artifact, Map<String, byte[]> entries) throws IOException {
        Path jar = repository.resolve("org/tiny").resolve(artifact).resolve("1.0/" + artifact + "-1.0.jar");
        write(jar, entries);
        Files.writeString(Path.of(jar + ".sha1"), sha1(jar));
        return jar;
    }

    private static String sha1(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
