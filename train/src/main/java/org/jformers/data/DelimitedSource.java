package org.jformers.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A delimited text file in UTF-8 (RFC 4180). Every value is the text that stands there, blanks included. A row ends
 * with LF, CRLF or CR outside of quotes; blank lines are skipped, but where there is one column, whose value is empty
 * then. A quote is one at the beginning of a field only.
 */
public final class DelimitedSource implements DataSource {
    /** Bytes of a header and of a row; memory is taken row by row. */
    private static final int LONGEST_HEADER = 1 << 24;
    private static final int LONGEST_ROW = 1 << 26;

    private final DataFile file;
    private final Delimited format;
    private final List<String> columns;

    private DelimitedSource(DataFile file, Delimited format, List<String> columns) {
        ColumnNames.require(file.name(), columns);
        this.file = file;
        this.format = format;
        this.columns = List.copyOf(columns);
    }

    /**
     * A file in a format.
     *
     * @throws DataException if it is missing or empty, or its header cannot be read
     */
    public static DelimitedSource of(DataFile file, Delimited format) {
        file.requireContent();
        if (!format.columns().isEmpty()) {
            return new DelimitedSource(file, format, format.columns());
        }
        try (Records header = new Records(file, format, LONGEST_HEADER)) {
            return new DelimitedSource(file, format, header.hasNext() ? header.next() : List.of(""));
        }
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public Stream<List<String>> rows(List<String> asked) {
        int[] indices = indices(asked);
        Records records = new Records(file, format, LONGEST_ROW);
        if (format.columns().isEmpty() && records.hasNext()) {
            records.next();
        }
        return Lines.stream(records).filter(row -> columns.size() == 1 || !row.equals(List.of(""))).map(row -> {
            if (row.size() != columns.size()) {
                throw records.failure("got " + row.size() + " fields, allowed " + columns.size()
                        + ", as many as there are columns");
            }
            List<String> values = new ArrayList<>(indices.length);
            for (int index : indices) {
                values.add(row.get(index));
            }
            return values;
        });
    }

    /** The rows of a file, the header among them; reads no further than it is asked. */
    private static final class Records implements Iterator<List<String>>, AutoCloseable {
        private final String name;
        private final Delimited format;
        private final int longest;
        private final InputStream in;
        private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final byte[] buffer = new byte[1 << 16];
        private int position;
        private int filled;
        private long line;
        private long firstLine;
        private String end = "";
        private @Nullable List<String> pending;

        Records(DataFile file, Delimited format, int longest) {
            name = file.name();
            this.format = format;
            this.longest = longest;
            in = file.open();
        }

        DataException failure(String what) {
            return new DataException(name + ": line " + firstLine + ": " + what);
        }

        @Override
        public boolean hasNext() {
            if (pending == null) {
                pending = record();
            }
            return pending != null;
        }

        @Override
        public List<String> next() {
            if (!hasNext()) {
                throw new NoSuchElementException(name);
            }
            List<String> current = Objects.requireNonNull(pending);
            pending = null;
            return current;
        }

        /** The next record; null behind the last. */
        private @Nullable List<String> record() {
            firstLine = line + 1;
            String text = line(longest);
            if (text == null) {
                return null;
            }
            List<String> fields = new ArrayList<>();
            StringBuilder field = new StringBuilder();
            boolean quoted = false;
            boolean closed = false;
            int size = 0;
            while (true) {
                for (int i = 0; i < text.length(); i++) {
                    char c = text.charAt(i);
                    boolean quote = format.quote().isPresent() && c == format.quote().get();
                    if (quoted) {
                        boolean doubled = quote && i + 1 < text.length() && text.charAt(i + 1) == c;
                        if (!quote || doubled) {
                            field.append(c);
                            i += doubled ? 1 : 0;
                        } else {
                            quoted = false;
                            closed = true;
                        }
                    } else if (c == format.delimiter()) {
                        fields.add(field.toString());
                        field.setLength(0);
                        closed = false;
                    } else if (closed) {
                        throw failure("there is text behind the quote that ends field " + (fields.size() + 1));
                    } else if (quote && field.isEmpty()) {
                        quoted = true;
                    } else {
                        field.append(c);
                    }
                }
                if (!quoted) {
                    fields.add(field.toString());
                    return fields;
                }
                field.append(end);
                size += bytes.size() + 1;
                text = line(longest - size);
                if (text == null) {
                    throw failure("the quote that begins field " + (fields.size() + 1) + " has no end");
                }
            }
        }

        /** The text up to the end of a line, which becomes {@link #end}; null behind the last. */
        private @Nullable String line(int room) {
            bytes.reset();
            int b = read();
            if (b < 0) {
                return null;
            }
            line++;
            for (; b >= 0 && b != '\n' && b != '\r'; b = read()) {
                if (b == 0) {
                    throw new DataException(name + ": line " + line + ": holds a NUL byte, text is needed");
                }
                if (bytes.size() >= room) {
                    throw failure("longer than " + longest + " bytes, which are allowed");
                }
                bytes.write(b);
            }
            end = b == '\r' ? "\r" : "\n";
            if (b == '\r') {
                int behind = read();
                if (behind == '\n') {
                    end = "\r\n";
                } else if (behind >= 0) {
                    position--;
                }
            }
            try {
                String text = decoder.decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
                return line == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
            } catch (CharacterCodingException e) {
                throw new DataException(name + ": line " + line + ": not UTF-8", e);
            }
        }

        private int read() {
            if (position == filled) {
                try {
                    filled = in.read(buffer);
                    position = 0;
                } catch (IOException e) {
                    throw new DataException(name + ": line " + Math.max(1, line) + ": " + e.getMessage(), e);
                }
                if (filled <= 0) {
                    filled = 0;
                    return -1;
                }
            }
            return buffer[position++] & 0xFF;
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new DataException(name + ": cannot be closed: " + e.getMessage(), e);
            }
        }
    }
}
