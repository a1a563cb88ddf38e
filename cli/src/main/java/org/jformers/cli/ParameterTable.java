package org.jformers.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Numbers of parameters by part of the model; layers of equal size share a row. */
final class ParameterTable {

    /**
     * A part or several equal ones.
     *
     * @param part what its parameters' paths begin with
     * @param first number of its first layer, -1 if it is none
     * @param last number of its last layer, -1 if it is none
     * @param each parameters of one
     */
    private record Row(String part, int first, int last, long each) {

        String name() {
            return first < 0 ? part : part + (first == last ? "[" + first + "]" : "[" + first + ".." + last + "]");
        }

        long count() {
            return last - first + 1;
        }
    }

    private ParameterTable() {}

    /** @param sizes number of values by path, such as {@code blocks.0.norm.weight} */
    static List<String> of(Map<String, Long> sizes) {
        Map<String, Long> parts = new LinkedHashMap<>();
        sizes.forEach((path, size) -> parts.merge(part(path), size, Long::sum));
        List<Row> rows = new ArrayList<>();
        parts.forEach((part, size) -> add(rows, part, size));
        int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
        List<String> lines = new ArrayList<>();
        for (Row row : rows) {
            String each = row.count() == 1 ? "" : String.format(Locale.ROOT, "  = %d x %,d", row.count(), row.each());
            lines.add(line(width, row.name(), row.each() * row.count()) + each);
        }
        lines.add(line(width, "total", sizes.values().stream().mapToLong(Long::longValue).sum()));
        return lines;
    }

    private static String line(int width, String name, long size) {
        return String.format(Locale.ROOT, "%-" + Math.max(1, width) + "s %,15d", name, size);
    }

    /** The module that the parameter belongs to; inside a layer, the layer. */
    private static String part(String path) {
        String[] steps = path.split("\\.");
        StringBuilder part = new StringBuilder(steps[0]);
        for (int i = 1; i < steps.length - 1; i++) {
            part.append('.').append(steps[i]);
            if (isNumber(steps[i])) {
                break;
            }
        }
        return part.toString();
    }

    private static void add(List<Row> rows, String part, long size) {
        int dot = part.lastIndexOf('.');
        String number = part.substring(dot + 1);
        if (dot < 0 || !isNumber(number)) {
            rows.add(new Row(part, -1, -1, size));
            return;
        }
        String stem = part.substring(0, dot);
        int index = Integer.parseInt(number);
        Row previous = rows.isEmpty() ? null : rows.get(rows.size() - 1);
        if (previous != null && previous.part().equals(stem) && previous.last() == index - 1
                && previous.each() == size) {
            rows.set(rows.size() - 1, new Row(stem, previous.first(), index, size));
        } else {
            rows.add(new Row(stem, index, index, size));
        }
    }

    private static boolean isNumber(String step) {
        return step.chars().allMatch(Character::isDigit);
    }
}
