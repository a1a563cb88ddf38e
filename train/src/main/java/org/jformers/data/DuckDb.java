package org.jformers.data;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One in-memory DuckDB database with one query at a time. Results are not streamed: a streamed result that meets broken
 * data half-way says only "Invalid result set", while a materialised one names the line.
 */
final class DuckDb implements AutoCloseable {
    /** Rows come as they are read, not when all are there: a file may be larger than the memory. */
    private static final Properties AS_READ = new Properties();

    static {
        AS_READ.setProperty("jdbc_stream_results", "true");
    }

    private static final Pattern HINTS = Pattern.compile(
            "(?s)\\n\\s*(Possible (fixes|solution)|LINE \\d+:|file = ).*", Pattern.CASE_INSENSITIVE);
    private static final Pattern ORIGINAL_LINE =
            Pattern.compile("(?s)\\nOriginal Line:.*?(?=\\n(Expected|Invalid|Value)|$)");
    private static final Pattern JSON_LINE = Pattern.compile("(at byte \\d+ in line )(\\d+)");

    private final String name;
    private final Connection connection;
    private final Statement statement;

    private DuckDb(String name, List<String> access) {
        this.name = name;
        if (DriverManager.drivers().noneMatch(driver -> driver.getClass().getName().startsWith("org.duckdb."))) {
            throw new DataException(name + ": JSONL, Parquet and SQL are read by DuckDB, which is not on the"
                    + " class path; add the"
                    + " dependency org.duckdb:duckdb_jdbc");
        }
        try {
            connection = DriverManager.getConnection("jdbc:duckdb:", AS_READ);
            statement = connection.createStatement();
            statement.execute("SET threads=2");
            statement.execute("SET autoinstall_known_extensions=false");
            statement.execute("SET autoload_known_extensions=false");
            statement.execute("SET allow_community_extensions=false");
            for (String setting : access) {
                statement.execute(setting);
            }
            statement.execute("SET lock_configuration=true");
        } catch (SQLException e) {
            throw failure(name, e);
        }
    }

    /** A database for any query: it may read and write what the process may. */
    static DuckDb open(String name) {
        return new DuckDb(name, List.of());
    }

    /** A database for queries over one file: it can open nothing else, on disk or in the network. */
    static DuckDb over(String name, Path file) {
        return new DuckDb(name, List.of(
                "SET allowed_paths=[" + literal(file.toString()) + "]", "SET enable_external_access=false"));
    }

    /** Runs a query; the result lives until the next query or until this is closed. */
    ResultSet query(String sql) {
        try {
            return statement.executeQuery(sql);
        } catch (SQLException e) {
            throw failure(name, e);
        }
    }

    /** The columns that a query would give. */
    List<String> columns(String sql) {
        try (PreparedStatement prepared = connection.prepareStatement(sql)) {
            ResultSetMetaData schema = prepared.getMetaData();
            List<String> columns = new ArrayList<>();
            for (int column = 1; column <= schema.getColumnCount(); column++) {
                columns.add(schema.getColumnName(column));
            }
            return columns;
        } catch (SQLException e) {
            throw failure(name, e);
        }
    }

    @Override
    public void close() {
        try (connection; statement) {
            return;
        } catch (SQLException e) {
            throw failure(name, e);
        }
    }

    /** Text as an SQL literal. */
    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** A column name as an SQL identifier. */
    static String identifier(String column) {
        return '"' + column.replace("\"", "\"\"") + '"';
    }

    /** What the database says, on one line, without its hints about options that a user of ours cannot set. */
    static DataException failure(String name, SQLException cause) {
        String message = String.valueOf(cause.getMessage());
        message = HINTS.matcher(message).replaceFirst("");
        message = ORIGINAL_LINE.matcher(message).replaceFirst("");
        // DuckDB 1.4 counts the lines of JSON files from 2.
        message = JSON_LINE.matcher(message).replaceAll(DuckDb::previousLine);
        return new DataException(name + ": " + message.strip().replaceAll("\\s*\\n\\s*", ": "), cause);
    }

    private static String previousLine(MatchResult match) {
        return Matcher.quoteReplacement(match.group(1) + (Long.parseLong(match.group(2)) - 1));
    }
}
