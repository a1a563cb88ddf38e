package org.jformers.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;

/** A text file as rows with the one column {@code text}: a row is a line, or a document between blank lines. */
public final class TextSource implements DataSource {
    private final DataFile file;
    private final boolean documents;

    private TextSource(DataFile file, boolean documents) {
        file.requireContent();
        this.file = file;
        this.documents = documents;
    }

    /** One row per line, blank lines included. */
    public static TextSource lines(DataFile file) {
        return new TextSource(file, false);
    }

    /** One row per run of lines that are not blank, joined by newlines. */
    public static TextSource documents(DataFile file) {
        return new TextSource(file, true);
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public List<String> columns() {
        return List.of("text");
    }

    @Override
    public Stream<List<String>> rows(List<String> columns) {
        int copies = indices(columns).length;
        Lines lines = new Lines(file);
        Stream<String> texts = documents ? Lines.stream(new Documents(lines)) : Lines.stream(lines);
        return texts.map(text -> Collections.nCopies(copies, text));
    }

    /** Runs of lines that are not blank. */
    private static final class Documents implements Iterator<String>, AutoCloseable {
        private final Lines lines;
        private String next;

        Documents(Lines lines) {
            this.lines = lines;
            next = read();
        }

        @Override
        public boolean hasNext() {
            return !next.isEmpty();
        }

        @Override
        public String next() {
            if (next.isEmpty()) {
                throw new NoSuchElementException();
            }
            String current = next;
            next = read();
            return current;
        }

        @Override
        public void close() {
            lines.close();
        }

        private String read() {
            List<String> document = new ArrayList<>();
            while (lines.hasNext()) {
                String line = lines.next();
                if (!line.isBlank()) {
                    document.add(line);
                } else if (!document.isEmpty()) {
                    break;
                }
            }
            return String.join("\n", document);
        }
    }
}
