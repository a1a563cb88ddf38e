package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jformers.VisibleText;

/**
 * Rows in memory, by column.
 *
 * @param name where the rows come from, for messages
 * @param columns values by column name; all columns have the same length
 * @param rows for each row, its number in the source: 1 for the first one, behind a header
 * @param blanks how many rows of the source were left out because a value was blank, by the first column where it was
 */
public record Table(String name, Map<String, List<String>> columns, long[] rows, Map<String, Long> blanks) {

    private static final String NUMBER = "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,9})?";

    public Table {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        blanks = Collections.unmodifiableMap(new LinkedHashMap<>(blanks));
        if (columns.isEmpty() || columns.values().stream().anyMatch(values -> values.size() != rows.length)) {
            throw new DataException(name + ": a table needs columns, all of the same length");
        }
    }

    /** Rows that are all there is. */
    public static Table of(String name, Map<String, List<String>> columns) {
        int size = columns.values().stream().findFirst().map(List::size).orElse(0);
        return new Table(name, columns, LongStream.rangeClosed(1, size).toArray(), Map.of());
    }

    /**
     * Reads the columns asked for. Rows where one of them is blank are dropped and counted.
     *
     * @throws DataException when a column does not exist, the data is broken, or no row is left
     */
    public static Table read(DataSource source, String... columns) {
        return read(source, List.of(columns), List.of());
    }

    /**
     * Reads the columns asked for. Rows where one of the needed ones is blank are dropped and counted.
     *
     * @param needed at least one column
     * @param optional columns in which a blank value says something too
     * @throws DataException when a column does not exist, the data is broken, or no row is left
     */
    public static Table read(DataSource source, List<String> needed, List<String> optional) {
        List<String> asked = new ArrayList<>(needed);
        asked.addAll(optional);
        List<List<String>> values = new ArrayList<>();
        asked.forEach(column -> values.add(new ArrayList<>()));
        LongStream.Builder numbers = LongStream.builder();
        Map<String, Long> blanks = new LinkedHashMap<>();
        long[] number = {0};
        try (Stream<List<String>> rows = source.rows(asked)) {
            rows.forEach(row -> {
                number[0]++;
                for (int i = 0; i < needed.size(); i++) {
                    if (row.get(i).isBlank()) {
                        blanks.merge(needed.get(i), 1L, Long::sum);
                        return;
                    }
                }
                numbers.add(number[0]);
                for (int i = 0; i < row.size(); i++) {
                    values.get(i).add(row.get(i));
                }
            });
        }
        if (values.get(0).isEmpty()) {
            throw new DataException(source.name() + (number[0] == 0
                    ? ": no rows"
                    : ": no usable rows: all " + number[0] + " have a blank " + String.join(" or ", needed)));
        }
        Map<String, List<String>> byName = new LinkedHashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            byName.put(asked.get(i), Collections.unmodifiableList(values.get(i)));
        }
        return new Table(source.name(), byName, numbers.build().toArray(), blanks);
    }

    /** Number of rows. */
    public int size() {
        return rows.length;
    }

    /** Number of rows of the source that were left out because a value was blank. */
    public long dropped() {
        return blanks.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How messages call row {@code i}: by the source and its number there. */
    public String row(int i) {
        return name + ": row " + rows[i];
    }

    /** The values of one column; throws {@link DataException} naming those there are. */
    public List<String> column(String column) {
        List<String> values = columns.get(column);
        if (values == null) {
            throw new DataException(
                    name + ": no column \"" + column + "\", there are: " + String.join(", ", columns.keySet()));
        }
        return values;
    }

    /**
     * The values of one column as numbers.
     *
     * @throws DataException naming the row, for what is no number, or none that float32 holds
     */
    public float[] numbers(String column) {
        List<String> values = column(column);
        float[] numbers = new float[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            String value = values.get(i).strip();
            numbers[i] = value.matches(NUMBER) ? Float.parseFloat(value) : Float.NaN;
            if (!Float.isFinite(numbers[i])) {
                throw new DataException(row(i) + ": " + column + " is \"" + VisibleText.line(value)
                        + "\", allowed: numbers such as 2.5 or -1e-3, up to " + Float.MAX_VALUE);
            }
        }
        return numbers;
    }

    /** The rows with these indices, in this order; what was left out is not theirs. */
    public Table select(int[] indices) {
        Map<String, List<String>> selected = new LinkedHashMap<>();
        columns.forEach((column, values) ->
                selected.put(column, Arrays.stream(indices).mapToObj(values::get).toList()));
        return new Table(name, selected, Arrays.stream(indices).mapToLong(i -> rows[i]).toArray(), Map.of());
    }
}
