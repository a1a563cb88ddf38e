package org.jformers.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Rows of text with named columns. The order of the rows is the same on every reading. A value that a row does not have
 * reads as the empty string.
 */
public interface DataSource {
    /** Columns that a message names. */
    int MOST_NAMED = 20;

    /**
     * A file in the format that its name ends in: csv, tsv, jsonl, ndjson or parquet, or txt, whose lines are the one
     * column {@code text}; also with {@code .gz} behind.
     */
    static DataSource of(Path path) {
        return of(path, TextSource.Document.LINE);
    }

    /**
     * The same where a file of text, or a folder of such files, is cut into rows in another way. Of a folder with
     * tables it is the rows of one after the other.
     *
     * @param document what a row of plain text is; tables have rows of their own
     */
    static DataSource of(Path path, TextSource.Document document) {
        Optional<DataSource> shards = ShardedSource.find(path);
        if (shards.isPresent()) {
            return shards.get();
        }
        return TextSource.recognizes(path) || Files.isDirectory(path)
                ? TextSource.of(path, document)
                : SqlSource.of(path);
    }

    /** How messages call the source: mostly the file. */
    String name();

    /** Names of the columns. */
    List<String> columns();

    /**
     * The rows, in order; each holds the values of the columns asked for, in the order asked. Close the stream.
     *
     * @throws DataException when a column does not exist, or, while reading, when the data is broken
     */
    Stream<List<String>> rows(List<String> columns);

    /** Number of rows. */
    default long count() {
        try (Stream<List<String>> rows = rows(columns().subList(0, 1))) {
            return rows.mapToLong(row -> 1).sum(); // count() may skip the reading, and with it the checks
        }
    }

    /** This source with every value of one column changed. */
    default DataSource map(String column, UnaryOperator<String> change) {
        indices(List.of(column));
        return new MappedSource(this, column, change);
    }

    /** Where the columns stand in {@link #columns()}; throws {@link DataException} for one that does not exist. */
    default int[] indices(List<String> asked) {
        List<Integer> indices = new ArrayList<>();
        for (String column : asked) {
            int index = columns().indexOf(column);
            if (index < 0) {
                throw new DataException(name() + ": no column \"" + column + "\", there are: "
                        + String.join(", ", columns().subList(0, Math.min(MOST_NAMED, columns().size())))
                        + (columns().size() > MOST_NAMED ? " and " + (columns().size() - MOST_NAMED) + " more" : ""));
            }
            indices.add(index);
        }
        return indices.stream().mapToInt(Integer::intValue).toArray();
    }
}
