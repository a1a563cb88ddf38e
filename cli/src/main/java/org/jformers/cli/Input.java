package org.jformers.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jformers.JformersException;

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
        return arguments.isEmpty() ? new StandardInput() : new Arguments(arguments.iterator());
    }

    /** Texts one after another. */
    interface Lines extends Iterator<String> {
        /** Whether there is a next text that need not be waited for, or only for its end. */
        boolean ready();
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

    /** A line that is not UTF-8 is an error where it is asked for; those behind it can still be read. */
    private static final class StandardInput implements Lines {
        private final InputStream in = new BufferedInputStream(System.in);
        private int line;
        private byte[] next;
        private boolean ended;
        private boolean afterReturn;

        /** The bytes up to the end of a line, which is {@code \n}, {@code \r} or both; null behind the last line. */
        private byte[] read() {
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
            ByteBuffer current = ByteBuffer.wrap(next);
            next = null;
            try {
                // A decoder, unlike a charset, refuses bytes that are not UTF-8 instead of replacing them.
                return StandardCharsets.UTF_8.newDecoder().decode(current).toString();
            } catch (CharacterCodingException e) {
                throw new JformersException("standard input: not UTF-8, in line " + line, e);
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
