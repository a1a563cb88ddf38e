package org.jformers.data;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a UTF-8 file, ended by LF or CRLF; a byte order mark is skipped. Only these end a line: other separators
 * such as U+2028 or a lone CR occur inside sentences of parallel corpora. Bytes that are not UTF-8 are an error that
 * names the line.
 */
final class Lines implements Iterator<String>, AutoCloseable {
    /** Memory is taken line by line, so a file without any must not take it all. */
    private static final int LONGEST = 1 << 28;

    private final String name;
    private final InputStream in;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long number;
    private @Nullable String next;

    Lines(DataFile file) {
        name = file.name();
        in = new BufferedInputStream(file.open(), 1 << 16);
        next = read();
        if (next != null && next.startsWith("\uFEFF")) {
            next = next.substring(1);
        }
    }

    /** The lines of a file as a stream that closes it. */
    static Stream<String> stream(DataFile file) {
        return stream(new Lines(file));
    }

    /** What is left of an iterator as a stream in order that closes it. */
    static <T, I extends Iterator<T> & AutoCloseable> Stream<T> stream(I items) {
        int order = Spliterator.ORDERED | Spliterator.NONNULL;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(items, order), false).onClose(() -> {
            try {
                items.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new DataException("data source cannot be closed: " + e.getMessage(), e);
            }
        });
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public String next() {
        if (next == null) {
            throw new NoSuchElementException(name);
        }
        String current = next;
        next = read();
        return current;
    }

    /** Reads to the end; returns the number of lines of the file. */
    long countAll() {
        while (hasNext()) {
            next();
        }
        return number;
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new DataException(name + ": cannot be closed: " + e.getMessage(), e);
        }
    }

    private @Nullable String read() {
        line.reset();
        try {
            int b = in.read();
            if (b < 0) {
                return null;
            }
            number++;
            for (; b >= 0 && b != '\n'; b = in.read()) {
                if (b == 0) {
                    throw new DataException(name + ": line " + number + ": holds a NUL byte, text is needed");
                }
                if (line.size() == LONGEST) {
                    throw new DataException(
                            name + ": line " + number + ": longer than " + LONGEST + " bytes, which are allowed");
                }
                line.write(b);
            }
        } catch (IOException e) {
            throw new DataException(name + ": line " + Math.max(1, number) + ": " + e.getMessage(), e);
        }
        byte[] bytes = line.toByteArray();
        int length = bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
        try {
            return decoder.decode(ByteBuffer.wrap(bytes, 0, length)).toString();
        } catch (CharacterCodingException e) {
            throw new DataException(name + ": line " + number + ": not UTF-8", e);
        }
    }
}
