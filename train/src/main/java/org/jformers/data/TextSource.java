package org.jformers.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Text files as rows with the one column {@code text}. */
public final class TextSource implements DataSource {
    private final String name;
    private final List<DataFile> files;
    private final Document document;

    /** What a row is. */
    public enum Document {
        /** A line, blank ones included. */
        LINE,
        /** A run of lines that are not blank, joined by newlines. */
        PARAGRAPH,
        /** A whole file, its lines joined by newlines. */
        FILE
    }

    private TextSource(String name, List<DataFile> files, Document document) {
        files.forEach(DataFile::requireContent);
        this.name = name;
        this.files = files;
        this.document = document;
    }

    /** A file. */
    public static TextSource of(DataFile file, Document document) {
        return new TextSource(file.name(), List.of(file), document);
    }

    /**
     * A file, or the files below a folder whose names end in {@code .txt} or {@code .txt.gz}, in the order of their
     * paths.
     *
     * @throws DataException if there is none, or an empty one
     */
    public static TextSource of(Path path, Document document) {
        if (!Files.isDirectory(path)) {
            return of(DataFile.of(path), document);
        }
        try (Stream<Path> below = Files.walk(path)) {
            List<DataFile> files = below.filter(TextSource::recognizes).filter(Files::isRegularFile).sorted()
                    .map(DataFile::of).collect(Collectors.toList());
            if (files.isEmpty()) {
                throw new DataException(path + ": no text files, allowed: one or more .txt, also .txt.gz");
            }
            return new TextSource(path.toString(), files, document);
        } catch (IOException e) {
            throw new DataException(path + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    /** One row per line, blank lines included. */
    public static TextSource lines(DataFile file) {
        return of(file, Document.LINE);
    }

    /** Whether the name of a file says that it is plain text. */
    static boolean recognizes(Path path) {
        return String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT).matches("(?s).*\\.txt(\\.gz)?");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> columns() {
        return List.of("text");
    }

    @Override
    public Stream<List<String>> rows(List<String> columns) {
        int copies = indices(columns).length;
        Stream<String> texts = files.size() == 1
                ? texts(files.get(0)) // read no further than is asked
                : files.stream().flatMap(this::texts);
        return texts.map(text -> Collections.nCopies(copies, text));
    }

    private Stream<String> texts(DataFile file) {
        return switch (document) {
            case LINE -> Lines.stream(file);
            case PARAGRAPH -> Lines.stream(new Paragraphs(new Lines(file)));
            case FILE -> {
                try (Stream<String> lines = Lines.stream(file)) {
                    yield Stream.of(lines.collect(Collectors.joining("\n")));
                }
            }
        };
    }

    /** Runs of lines that are not blank. */
    private static final class Paragraphs implements Iterator<String>, AutoCloseable {
        private final Lines lines;
        private String next;

        Paragraphs(Lines lines) {
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
            List<String> paragraph = new ArrayList<>();
            while (lines.hasNext()) {
                String line = lines.next();
                if (!line.isBlank()) {
                    paragraph.add(line);
                } else if (!paragraph.isEmpty()) {
                    break;
                }
            }
            return String.join("\n", paragraph);
        }
    }
}
