package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.data.DataSource;
import org.jformers.pipeline.call.CallFields;
import org.jspecify.annotations.Nullable;

/** Rows of a file as calls in JSON: what stands in the chosen columns is the input. */
final class TableInput implements Input.Lines {
    private final List<String> names;
    private final Stream<List<String>> rows;
    private final Iterator<List<String>> iterator;

    private TableInput(List<String> names, Stream<List<String>> rows) {
        this.names = names;
        this.rows = rows;
        iterator = rows.iterator();
    }

    /**
     * Opens a file.
     *
     * @param chosen the column that is the input; or parts of it with commas between them, each {@code name=column};
     *     null for the only column that there is
     */
    static TableInput open(Path file, @Nullable String chosen) {
        DataSource source = DataSource.of(file);
        List<String> names = new ArrayList<>();
        List<String> columns = new ArrayList<>();
        if (chosen == null && source.columns().size() != 1) {
            throw new JformersException("--column: got none for " + file + ", allowed "
                    + String.join(", ", source.columns()) + ", or parts of the input as name=column,...");
        }
        for (String part : (chosen == null ? source.columns().get(0) : chosen).split(",")) {
            int equals = source.columns().contains(part) ? -1 : part.indexOf('=');
            names.add(equals < 0 ? "" : part.substring(0, equals).strip());
            columns.add(equals < 0 ? part.strip() : part.substring(equals + 1).strip());
        }
        if (names.contains("") && names.size() > 1) {
            throw new JformersException("--column: got " + chosen + ", allowed one column, or several as name=column");
        }
        return new TableInput(names, source.rows(columns));
    }

    @Override
    public boolean hasNext() {
        return iterator.hasNext();
    }

    @Override
    public String next() {
        List<String> row = iterator.next();
        ObjectNode call = CallFields.empty();
        if (names.get(0).isEmpty()) {
            return Json.print(call.put(CallFields.INPUTS, row.get(0)));
        }
        ObjectNode inputs = call.putObject(CallFields.INPUTS);
        for (int i = 0; i < names.size(); i++) {
            inputs.put(names.get(i), row.get(i));
        }
        return Json.print(call);
    }

    @Override
    public boolean ready() {
        return hasNext();
    }

    @Override
    public void close() {
        rows.close();
    }
}
