package org.jformers.data;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * JSON lines, Parquet, or any SQL over files, read by DuckDB. Every value reads as text: lists as JSON, numbers, dates
 * and other nested values as DuckDB prints them. Nothing is guessed about a file: what its columns are follows from its
 * header, its keys or its schema alone.
 */
public final class SqlSource implements DataSource {
    /** Stands for the file of a query, which names its own. */
    private static final DataFile.LocalFile NO_FILE = new DataFile.LocalFile(Path.of(""), false);

    private final String name;
    private final Supplier<DataFile.LocalFile> local;
    private final Function<Path, String> sql;
    private final List<String> columns;
    private final List<String> labels;

    /** @param labels what the query calls the columns: SQL does not tell capitals from small letters */
    private SqlSource(
            String name,
            Supplier<DataFile.LocalFile> local,
            Function<Path, String> sql,
            List<String> columns,
            List<String> labels) {
        ColumnNames.require(name, columns);
        this.name = name;
        this.local = local;
        this.sql = sql;
        this.columns = List.copyOf(columns);
        this.labels = List.copyOf(labels);
    }

    /** A file in the format that its name ends in: csv, tsv, jsonl, ndjson or parquet, also with {@code .gz} behind. */
    public static DataSource of(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        DataFile file = DataFile.of(path);
        if (name.endsWith(".csv")) {
            return DelimitedSource.of(file, Delimited.CSV);
        }
        if (name.endsWith(".tsv")) {
            return DelimitedSource.of(file, Delimited.TSV);
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
        List<String> key = List.of("key");
        List<String> columns = new SqlSource(file.name(), file::localWithoutMark, keys, key, key).values("key");
        if (columns.isEmpty()) {
            throw new DataException(file.name() + ": no JSON object with a key");
        }
        ColumnNames.require(file.name(), columns);
        List<String> labels = IntStream.range(0, columns.size()).mapToObj(i -> "c" + i).toList();
        String values = IntStream.range(0, columns.size())
                .mapToObj(i -> "json->>" + DuckDb.literal(pointer(columns.get(i))) + " AS " + labels.get(i))
                .collect(Collectors.joining(", "));
        return new SqlSource(
                file.name(), file::localWithoutMark, path -> "SELECT " + values + objects.apply(path), columns, labels);
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
            List<String> columns = database.columns(sql.apply(file.path()));
            return new SqlSource(name, local, sql, columns, columns);
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
        String select = Arrays.stream(indices(asked))
                .mapToObj(i -> text(DuckDb.identifier(labels.get(i))))
                .collect(Collectors.joining(", "));
        return read(select);
    }

    /** A value as text; as the database prints lists, commas in their elements could not be told from theirs. */
    private static String text(String column) {
        return "CASE WHEN typeof(" + column + ") LIKE '%]' THEN CAST(to_json(" + column + ") AS VARCHAR) ELSE CAST("
                + column + " AS VARCHAR) END";
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
