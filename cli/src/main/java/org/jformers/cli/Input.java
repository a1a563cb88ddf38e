package org.jformers.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jformers.JformersException;
import org.jspecify.annotations.Nullable;

/** What a command works on: its arguments, or the lines of standard input if there are none. */
final class Input implements Iterable<String> {
    private final List<String> arguments;

    private Input(List<String> arguments) {
        this.arguments = arguments;
    }

    static Input of(List<String> arguments) {
        return new Input(arguments);
    }

    @Override
    public Iterator<String> iterator() {
        return lines();
    }

    /** Lines are read as they are asked for, so that a command may answer each at once. */
    Lines lines() {
        return arguments.isEmpty() ? new Bytes("standard input", System.in) : new Arguments(arguments.iterator());
    }

    /** Texts one after another. */
    interface Lines extends Iterator<String>, AutoCloseable {
        /** Whether there is a next text that need not be waited for, or only for its end. */
        boolean ready();

        @Override
        default void close() {}
    }

    private record Arguments(Iterator<String> texts) implements Lines {
        @Override
        public boolean hasNext() {
            return texts.hasNext();
        }

        @Override
        public String next() {
            return texts.next();
        }

        @Override
        public boolean ready() {
            return texts.hasNext();
        }
    }

    /** The lines of a file, which may be compressed by gzip. */
    static Lines file(Path file) {
        try {
            InputStream in = Files.newInputStream(file);
            boolean compressed = file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".gz");
            return new Bytes(file.toString(), compressed ? new GZIPInputStream(in) : in);
        } catch (IOException e) {
            throw new JformersException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** A line that is not UTF-8 is an error where it is asked for; those behind it can still be read. */
    private static final class Bytes implements Lines {
        private final String name;
        private final InputStream in;
        private int line;
        private byte @Nullable [] next;
        private boolean ended;
        private boolean afterReturn;

        Bytes(String name, InputStream in) {
            this.name = name;
            this.in = new BufferedInputStream(in);
        }

        /** Standard input is not closed. */
        @Override
        public void close() {
            try {
                if (!name.equals("standard input")) {
                    in.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The bytes up to the end of a line, which is {@code \n}, {@code \r} or both; null behind the last line. */
        private byte @Nullable [] read() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                for (int read = in.read(); read >= 0; read = in.read()) {
                    boolean second = afterReturn && read == '\n';
                    afterReturn = read == '\r';
                    if (second) {
                        continue;
                    }
                    if (read == '\n' || read == '\r') {
                        return bytes.toByteArray();
                    }
                    bytes.write(read);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.size() == 0 ? null : bytes.toByteArray();
        }

        @Override
        public boolean hasNext() {
            if (next == null && !ended) {
                next = read();
                ended = next == null;
                line++;
            }
            return !ended;
        }

        @Override
        public String next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            ByteBuffer current = ByteBuffer.wrap(Objects.requireNonNull(next));
            next = null;
            try {
                // A decoder, unlike a charset, refuses bytes that are not UTF-8 instead of replacing them.
                return StandardCharsets.UTF_8.newDecoder().decode(current).toString();
            } catch (CharacterCodingException e) {
                throw new JformersException(name + ": not UTF-8, in line " + line, e);
            }
        }

        @Override
        public boolean ready() {
            try {
                return next != null || !ended && in.available() > 0 && hasNext();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
