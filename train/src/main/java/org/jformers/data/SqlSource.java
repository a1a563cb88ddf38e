package org.jformers.data;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Delimited text, JSON lines, Parquet, or any SQL over them, read by DuckDB. Every value reads as text: numbers, dates
 * and nested values as DuckDB prints them. Nothing is guessed about a file: what its columns are follows from its
 * header, its keys or its schema alone.
 */
public final class SqlSource implements DataSource {
    /** Stands for the file of a query, which names its own. */
    private static final DataFile.LocalFile NO_FILE = new DataFile.LocalFile(Path.of(""), false);

    private static final int MOST_COLUMNS = 10_000;
    private static final int LONGEST_NAME = 10_000;
    private static final int LONGEST_HEADER = 1 << 24;

    /** Most bytes of a row of a delimited file; twice as much is held while it is read, in one piece. */
    private static final int LONGEST_ROW = 1 << 26;

    private final String name;
    private final Supplier<DataFile.LocalFile> local;
    private final Function<Path, String> sql;
    private final List<String> columns;

    private SqlSource(
            String name, Supplier<DataFile.LocalFile> local, Function<Path, String> sql, List<String> columns) {
        requireNames(name, columns);
        if (new HashSet<>(columns).size() < columns.size()) {
            throw new DataException(name + ": a column name occurs twice: " + String.join(", ", columns));
        }
        this.name = name;
        this.local = local;
        this.sql = sql;
        this.columns = List.copyOf(columns);
    }

    private static void requireNames(String name, List<String> columns) {
        if (columns.size() > MOST_COLUMNS) {
            throw new DataException(name + ": got " + columns.size() + " columns, allowed at most " + MOST_COLUMNS);
        }
        for (String column : columns) {
            if (column.length() > LONGEST_NAME || column.indexOf('\0') >= 0) {
                throw new DataException(name + ": a column name "
                        + (column.indexOf('\0') >= 0
                                ? "holds the character NUL"
                                : "has " + column.length() + " characters, allowed at most " + LONGEST_NAME)
                        + ", it begins with " + column.substring(0, Math.min(40, column.length())));
            }
        }
    }

    /** A file in the format that its name ends in: csv, tsv, jsonl, ndjson or parquet, also with {@code .gz} behind. */
    public static SqlSource of(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        DataFile file = DataFile.of(path);
        if (name.endsWith(".csv")) {
            return delimited(file, Delimited.CSV);
        }
        if (name.endsWith(".tsv")) {
            return delimited(file, Delimited.TSV);
        }
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return jsonl(file);
        }
        if (name.endsWith(".parquet")) {
            return parquet(file);
        }
        throw new DataException(path + ": format not known by its name, allowed: .csv, .tsv, .jsonl, .ndjson, .parquet"
                + " and .txt, each also with .gz");
    }

    /** A delimited text file. */
    public static SqlSource delimited(DataFile file, Delimited format) {
        file.requireContent();
        boolean header = format.columns().isEmpty();
        List<String> columns = format.columns();
        if (header) {
            try (Lines lines = new Lines(file, LONGEST_HEADER)) {
                columns = format.fields(lines.peek());
            }
        }
        requireNames(file.name(), columns);
        String quote = DuckDb.literal(format.quote().map(String::valueOf).orElse(""));
        String options = ", auto_detect=false, hive_partitioning=false, parallel=false, max_line_size=" + LONGEST_ROW
                + ", buffer_size=" + 2 * LONGEST_ROW + ", header=" + header
                + ", delim=" + DuckDb.literal(String.valueOf(format.delimiter()))
                + ", quote=" + quote + ", escape=" + quote
                + ", columns={" + columns.stream().map(column -> DuckDb.literal(column) + ": 'VARCHAR'")
                        .collect(Collectors.joining(", ")) + "}";
        return new SqlSource(file.name(), file::local,
                path -> "SELECT * FROM read_csv(" + DuckDb.literal(path.toString()) + options + ")", columns);
    }

    /**
     * A file with one JSON object per line. The columns are all keys of the first level that occur, in alphabetical
     * order.
     */
    public static SqlSource jsonl(DataFile file) {
        file.requireContent();
        Function<Path, String> objects = path -> " FROM read_json_objects(" + DuckDb.literal(path.toString())
                + ", format='newline_delimited')";
        Function<Path, String> keys =
                path -> "SELECT DISTINCT unnest(json_keys(json)) AS key" + objects.apply(path) + " ORDER BY key";
        List<String> columns = new SqlSource(file.name(), file::local, keys, List.of("key")).values("key");
        if (columns.isEmpty()) {
            throw new DataException(file.name() + ": no JSON object with a key");
        }
        String values = columns.stream()
                .map(column -> "json->>" + DuckDb.literal(pointer(column)) + " AS " + DuckDb.identifier(column))
                .collect(Collectors.joining(", "));
        return new SqlSource(file.name(), file::local, path -> "SELECT " + values + objects.apply(path), columns);
    }

    /** A Parquet file. */
    public static SqlSource parquet(DataFile file) {
        file.requireContent();
        return described(file.name(), file::localDecompressed,
                path -> "SELECT * FROM read_parquet(" + DuckDb.literal(path.toString())
                        + ", hive_partitioning=false)");
    }

    /** The result of any query in DuckDB's SQL; it should have an ORDER BY where its order is not that of a file. */
    public static SqlSource query(String name, String sql) {
        String statement = sql.strip().replaceFirst(";+$", "");
        return described(name, () -> NO_FILE, path -> statement);
    }

    private static SqlSource described(String name, Supplier<DataFile.LocalFile> local, Function<Path, String> sql) {
        try (DataFile.LocalFile file = local.get(); DuckDb database = database(name, file)) {
            return new SqlSource(name, local, sql, database.columns(sql.apply(file.path())));
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public Stream<List<String>> rows(List<String> asked) {
        indices(asked);
        String select = asked.stream().map(column -> "CAST(" + DuckDb.identifier(column) + " AS VARCHAR)")
                .collect(Collectors.joining(", "));
        return read(select);
    }

    private List<String> values(String column) {
        try (Stream<List<String>> rows = rows(List.of(column))) {
            return rows.map(row -> row.get(0)).toList();
        }
    }

    @Override
    public long count() {
        try (Stream<List<String>> rows = read("count(*)")) {
            return Long.parseLong(rows.iterator().next().get(0));
        }
    }

    private Stream<List<String>> read(String expressions) {
        DataFile.LocalFile file = local.get();
        try {
            Rows rows = new Rows(name, file, "SELECT " + expressions + " FROM (" + sql.apply(file.path()) + ")");
            return Lines.stream(rows);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static DuckDb database(String name, DataFile.LocalFile file) {
        return file == NO_FILE ? DuckDb.open(name) : DuckDb.over(name, file.path());
    }

    /** A key as a JSON pointer (RFC 6901). */
    private static String pointer(String key) {
        return "/" + key.replace("~", "~0").replace("/", "~1");
    }

    /** The rows of a result. */
    private static final class Rows implements Iterator<List<String>>, AutoCloseable {
        private final String name;
        private final DataFile.LocalFile file;
        private final DuckDb database;
        private final ResultSet result;
        private final int width;
        private boolean more;
        private long number;

        Rows(String name, DataFile.LocalFile file, String query) {
            this.name = name;
            this.file = file;
            database = database(name, file);
            try {
                result = database.query(query);
                width = result.getMetaData().getColumnCount();
                more = result.next();
            } catch (SQLException e) {
                database.close();
                throw DuckDb.failure(name, e);
            } catch (RuntimeException e) {
                database.close();
                throw e;
            }
        }

        @Override
        public boolean hasNext() {
            return more;
        }

        @Override
        public List<String> next() {
            if (!more) {
                throw new NoSuchElementException(name);
            }
            try {
                number++;
                List<String> row = new ArrayList<>(width);
                for (int column = 1; column <= width; column++) {
                    String value = Objects.requireNonNullElse(result.getString(column), "");
                    if (value.indexOf('\0') >= 0) {
                        throw new DataException(name + ": row " + number + ": holds the character NUL, text is needed");
                    }
                    row.add(value);
                }
                more = result.next();
                return row;
            } catch (SQLException e) {
                throw DuckDb.failure(name, e);
            }
        }

        @Override
        public void close() {
            try (file; database; result) {
                more = false;
            } catch (SQLException e) {
                throw DuckDb.failure(name, e);
            }
        }
    }
}
