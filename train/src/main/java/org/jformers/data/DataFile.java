package org.jformers.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Where the bytes of a data file lie: on disk or in a jar on the class path. Names that end in {@code .gz} are read
 * decompressed.
 */
public sealed interface DataFile {

    /** A file on disk. */
    static DataFile of(Path path) {
        return new OnDisk(path);
    }

    /** A file on the class path, by its absolute resource name without a leading slash. */
    static DataFile resource(String resource) {
        return new OnClassPath(resource);
    }

    /** How messages call the file. */
    String name();

    /** Opens the file as it is; throws {@link DataException} when it is missing. */
    InputStream openRaw();

    /** A path to the file for readers that need one; a copy on disk is deleted on close. */
    LocalFile local();

    /** A path to the decompressed file, for formats whose readers do not know gzip. */
    default LocalFile localDecompressed() {
        return gzipped() ? copy(name(), open(), ".data") : local();
    }

    /** A path to the text for readers that take a byte order mark for a part of it. */
    default LocalFile localWithoutMark() {
        InputStream text = open();
        try {
            if (Arrays.equals(text.readNBytes(3), new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF})) {
                return copy(name(), text, ".data");
            }
            text.close();
            return local();
        } catch (IOException e) {
            throw new DataException(name() + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Whether the bytes are gzip-compressed. */
    default boolean gzipped() {
        return name().endsWith(".gz");
    }

    /** Opens the file, decompressed; throws {@link DataException} when it is missing or not in gzip format. */
    default InputStream open() {
        InputStream raw = openRaw();
        if (!gzipped()) {
            return raw;
        }
        try {
            return new GZIPInputStream(raw, 1 << 16);
        } catch (IOException e) {
            try {
                raw.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw new DataException(name() + ": not a gzip file: " + e.getMessage(), e);
        }
    }

    /**
     * The lines of a UTF-8 text, ended by LF or CRLF; a byte order mark is skipped. Close the stream.
     *
     * @throws DataException while reading, naming the line, where bytes are not UTF-8
     */
    default Stream<String> lines() {
        return Lines.stream(this);
    }

    /** Throws {@link DataException} when the file is missing or has no content. */
    default void requireContent() {
        try (InputStream in = open()) {
            if (in.read() < 0) {
                throw new DataException(name() + ": the file is empty");
            }
        } catch (IOException e) {
            throw new DataException(name() + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static LocalFile copy(DataFile file) {
        return copy(file.name(), file.openRaw(), file.gzipped() ? ".gz" : ".data");
    }

    private static LocalFile copy(String name, InputStream content, String suffix) {
        try (InputStream in = content) {
            LocalFile copy = new LocalFile(Files.createTempFile("jformers-", suffix), true);
            try {
                Files.copy(in, copy.path(), StandardCopyOption.REPLACE_EXISTING);
                return copy;
            } catch (IOException e) {
                copy.close();
                throw e;
            }
        } catch (IOException e) {
            throw new DataException(name + ": cannot be copied to a temporary file: " + e.getMessage(), e);
        }
    }

    /** A path that is valid until it is closed. */
    record LocalFile(Path path, boolean temporary) implements AutoCloseable {
        @Override
        public void close() {
            if (temporary) {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException e) {
                    throw new DataException(path + ": temporary file cannot be deleted: " + e.getMessage(), e);
                }
            }
        }
    }

    /** A file on disk. */
    record OnDisk(Path path) implements DataFile {
        @Override
        public String name() {
            return path.toString();
        }

        @Override
        public InputStream openRaw() {
            if (!Files.exists(path)) {
                throw new DataException(path + ": no such file");
            }
            if (Files.isDirectory(path)) {
                throw new DataException(path + ": is a folder, a file is needed");
            }
            if (!Files.isRegularFile(path)) { // a pipe can be read only once, and opening it may wait for ever
                throw new DataException(path + ": is a pipe or a device, a file is needed");
            }
            try {
                return Files.newInputStream(path);
            } catch (IOException e) {
                throw new DataException(path + ": cannot be opened: " + e.getMessage(), e);
            }
        }

        /** A copy where the name holds what a database takes for a pattern of names. */
        @Override
        public LocalFile local() {
            Path absolute = path.toAbsolutePath();
            return absolute.toString().matches("(?s).*[*?\\[].*")
                    ? copy(this)
                    : new LocalFile(absolute, false);
        }
    }

    /** A file on the class path. */
    record OnClassPath(String resource) implements DataFile {
        @Override
        public String name() {
            return "classpath:" + resource;
        }

        @Override
        public InputStream openRaw() {
            InputStream in = DataFile.class.getClassLoader().getResourceAsStream(resource);
            if (in == null) {
                throw new DataException(name() + ": no such resource on the class path");
            }
            return in;
        }

        @Override
        public LocalFile local() {
            return copy(this);
        }
    }
}
