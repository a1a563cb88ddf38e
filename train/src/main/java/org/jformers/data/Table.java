package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Rows in memory, by column.
 *
 * @param name where the rows come from, for messages
 * @param columns values by column name; all columns have the same length
 * @param dropped rows of the source that were left out because a value was blank
 */
public record Table(String name, Map<String, List<String>> columns, long dropped) {

    public Table {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        if (columns.values().stream().mapToInt(List::size).distinct().count() != 1) {
            throw new DataException(name + ": a table needs columns, all of the same length");
        }
    }

    /**
     * Reads the columns asked for. Rows where one of them is blank are dropped and counted.
     *
     * @throws DataException when a column does not exist, the data is broken, or no row is left
     */
    public static Table read(DataSource source, String... columns) {
        List<String> asked = List.of(columns);
        List<List<String>> values = new ArrayList<>();
        asked.forEach(column -> values.add(new ArrayList<>()));
        long[] dropped = {0};
        try (Stream<List<String>> rows = source.rows(asked)) {
            rows.forEach(row -> {
                if (row.stream().anyMatch(String::isBlank)) {
                    dropped[0]++;
                    return;
                }
                for (int i = 0; i < row.size(); i++) {
                    values.get(i).add(row.get(i));
                }
            });
        }
        if (values.get(0).isEmpty()) {
            throw new DataException(source.name() + (dropped[0] == 0
                    ? ": no rows"
                    : ": no usable rows: all " + dropped[0] + " have a blank " + String.join(" or ", asked)));
        }
        Map<String, List<String>> byName = new LinkedHashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            byName.put(asked.get(i), Collections.unmodifiableList(values.get(i)));
        }
        return new Table(source.name(), byName, dropped[0]);
    }

    /** Number of rows. */
    public int size() {
        return columns.values().iterator().next().size();
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

    /** The rows with these numbers, in this order. */
    public Table select(int[] rows) {
        Map<String, List<String>> selected = new LinkedHashMap<>();
        columns.forEach((column, values) ->
                selected.put(column, Arrays.stream(rows).mapToObj(values::get).toList()));
        return new Table(name, selected, 0);
    }
}
