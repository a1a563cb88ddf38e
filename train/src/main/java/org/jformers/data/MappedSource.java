package org.jformers.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A source with the values of one column changed. */
record MappedSource(DataSource source, String column, UnaryOperator<String> change) implements DataSource {

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public List<String> columns() {
        return source.columns();
    }

    @Override
    public Stream<List<String>> rows(List<String> asked) {
        if (!asked.contains(column)) {
            return source.rows(asked);
        }
        return source.rows(asked).map(row -> {
            List<String> changed = new ArrayList<>(row);
            for (int i = 0; i < asked.size(); i++) {
                if (asked.get(i).equals(column)) {
                    changed.set(i, change.apply(row.get(i)));
                }
            }
            return changed;
        });
    }

    @Override
    public long count() {
        return source.count();
    }
}
