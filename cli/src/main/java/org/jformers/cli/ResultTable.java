package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jformers.JformersException;

/**
 * Results as comma-separated values (RFC 4180): the number of the call from 1, its input, and the fields of the result.
 * A result that is a list of objects has a row for each of them; what is no object is the one field {@code result}.
 */
final class ResultTable {
    private final PrintWriter out;
    private List<String> header = List.of();
    private long row;

    ResultTable(PrintWriter out) {
        this.out = out;
    }

    /**
     * Adds what came of a call.
     *
     * @param input a text, or an object of texts
     * @throws JformersException if it has other fields than those before
     */
    void add(JsonNode input, JsonNode result) {
        row++;
        for (JsonNode each : parts(result)) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("row", Long.toString(row));
            addTo(fields, "inputs", input);
            addTo(fields, "result", each);
            List<String> names = List.copyOf(fields.keySet());
            if (header.isEmpty()) {
                header = names;
                print(names);
            }
            if (!header.equals(names)) {
                throw new JformersException("output: got " + names + " for call " + row + ", allowed " + header
                        + " as for those before; a file .jsonl takes any");
            }
            print(List.copyOf(fields.values()));
        }
    }

    private static List<JsonNode> parts(JsonNode result) {
        List<JsonNode> parts = new ArrayList<>();
        result.forEach(parts::add);
        return result.isArray() && parts.stream().allMatch(JsonNode::isObject) ? parts : List.of(result);
    }

    private static void addTo(Map<String, String> fields, String name, JsonNode value) {
        if (value.isObject()) {
            value.properties().forEach(field -> fields.put(field.getKey(), text(field.getValue())));
        } else {
            fields.put(name, text(value));
        }
    }

    private static String text(JsonNode value) {
        return value.isTextual() ? value.textValue() : value.toString();
    }

    private void print(List<String> fields) {
        out.print(fields.stream().map(ResultTable::quoted).collect(Collectors.joining(",")));
        out.print("\n");
    }

    private static String quoted(String field) {
        return field.isEmpty() || field.matches("(?s).*[,\"\r\n].*") ? '"' + field.replace("\"", "\"\"") + '"' : field;
    }
}
