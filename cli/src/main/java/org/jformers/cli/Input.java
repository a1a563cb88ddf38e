package org.jformers.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
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

    /** Lines are read as they are asked for, so that a command may answer each at once. */
    @Override
    public Iterator<String> iterator() {
        return arguments.isEmpty() ? new Lines() : arguments.iterator();
    }

    private static final class Lines implements Iterator<String> {
        // A decoder, unlike a charset, refuses bytes that are not UTF-8 instead of replacing them.
        private final BufferedReader reader =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8.newDecoder()));
        private int line;
        private String next;
        private boolean ended;

        private String read() {
            try {
                line++;
                return reader.readLine();
            } catch (CharacterCodingException e) {
                throw new JformersException("standard input: not UTF-8, near line " + line, e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean hasNext() {
            if (next == null && !ended) {
                next = read();
                ended = next == null;
            }
            return !ended;
        }

        @Override
        public String next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            String current = next;
            next = null;
            return current;
        }
    }
}
