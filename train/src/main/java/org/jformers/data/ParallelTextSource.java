package org.jformers.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;

/**
 * Text files that correspond line by line, as corpora of translations come: one column per file. All must have the same
 * number of lines, blank ones included.
 */
public final class ParallelTextSource implements DataSource {
    private final Map<String, DataFile> files;

    /** @param files file by column name, in the order of the columns */
    public ParallelTextSource(Map<String, DataFile> files) {
        if (files.size() < 2) {
            throw new DataException("parallel text: needs at least two files, got " + files.keySet());
        }
        files.values().forEach(DataFile::requireContent);
        this.files = new LinkedHashMap<>(files);
    }

    @Override
    public String name() {
        return String.join(" + ", files.values().stream().map(DataFile::name).toList());
    }

    @Override
    public List<String> columns() {
        return List.copyOf(files.keySet());
    }

    @Override
    public Stream<List<String>> rows(List<String> columns) {
        return Lines.stream(new Rows(List.copyOf(files.values()), indices(columns)));
    }

    /** Reads all files abreast, since only that shows whether they have the same length. */
    private static final class Rows implements Iterator<List<String>>, AutoCloseable {
        private final List<DataFile> files;
        private final List<Lines> readers = new ArrayList<>();
        private final int[] asked;

        Rows(List<DataFile> files, int[] asked) {
            this.files = files;
            this.asked = asked;
            try {
                files.forEach(file -> readers.add(new Lines(file)));
            } catch (DataException e) {
                close();
                throw e;
            }
        }

        @Override
        public boolean hasNext() {
            long more = readers.stream().filter(Lines::hasNext).count();
            if (more != 0 && more != readers.size()) {
                List<String> counts = new ArrayList<>();
                for (int i = 0; i < files.size(); i++) {
                    counts.add(files.get(i).name() + " has " + readers.get(i).countAll());
                }
                throw new DataException("parallel text: different numbers of lines: " + String.join(", ", counts));
            }
            return more > 0;
        }

        @Override
        public List<String> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            List<String> all = readers.stream().map(Lines::next).toList();
            List<String> row = new ArrayList<>(asked.length);
            for (int column : asked) {
                row.add(all.get(column));
            }
            return row;
        }

        @Override
        public void close() {
            readers.forEach(Lines::close);
        }
    }
}
