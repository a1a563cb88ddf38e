package org.jformers.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jformers.JformersException;

/** The fixture folders that come with this jar: small models with the values that the Python libraries compute. */
public final class Fixtures {
    private static final String ROOT = "/fixtures/";

    private Fixtures() {}

    /**
     * A fixture folder as real files: those of the class path, or a copy for this process where they are in a jar.
     *
     * @param name such as {@code models/gpt2-lm}
     * @throws JformersException if there is no such fixture
     */
    public static Path folder(String name) {
        URL url = Fixtures.class.getResource(ROOT + name);
        if (url == null || name.isEmpty()) {
            throw new JformersException("fixture: got " + name + ", which is not on the class path");
        }
        try {
            URI uri = url.toURI();
            return uri.getScheme().equals("file") ? Path.of(uri) : copied(uri, name);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path copied(URI uri, String name) throws IOException {
        Path folder = Files.createTempDirectory("jformers-fixture").resolve(Path.of(name).getFileName().toString());
        Files.createDirectory(folder);
        try (FileSystem jar = FileSystems.newFileSystem(URI.create(uri.toString().split("!")[0]), Map.of());
                Stream<Path> files = Files.list(jar.getPath(ROOT + name))) {
            folder.resolveSibling("").toFile().deleteOnExit();
            folder.toFile().deleteOnExit();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = folder.resolve(file.getFileName().toString());
                Files.copy(file, copy);
                copy.toFile().deleteOnExit();
            }
        }
        return folder;
    }

    /** The sub-folders of a folder of fixtures, sorted by name. */
    static List<Path> children(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw new JformersException("fixtures: cannot be listed, " + e.getMessage() + ", in " + folder, e);
        }
    }
}
