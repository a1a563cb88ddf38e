package org.jformers.nn;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Nested records as an indented tree, a line each: {@code name = Type[value=..., ...]}, below it the records inside.
 * What is absent is not shown. Equal items of a list share their lines, as {@code blocks[0..4, 6]}. A record of values
 * that can be of no other type, as {@code bias=[input=ALL, output=true]}, stands among the values.
 */
public final class SpecLines {
    private final List<String> lines = new ArrayList<>();

    private SpecLines() {}

    /**
     * A record under a name.
     *
     * @param name what it is, at the beginning of the first line; empty for nothing
     */
    public static List<String> of(String name, Record spec) {
        SpecLines printer = new SpecLines();
        printer.add("", name, spec);
        return printer.lines;
    }

    private void add(String indent, String name, Record record) {
        Map<String, Object> parts = new LinkedHashMap<>();
        List<String> values = values(record, parts);
        lines.add(indent + (name.isEmpty() ? "" : name + " = ") + type(record) + (values.isEmpty() ? "" : values));
        parts.forEach((part, value) -> {
            if (value instanceof List<?> list) {
                addList(indent + "  ", part, list);
            } else {
                add(indent + "  ", part, (Record) value);
            }
        });
    }

    /** Its values as {@code name=value}; what has lines of its own goes to {@code parts}. */
    private static List<String> values(Record record, Map<String, Object> parts) {
        List<String> values = new ArrayList<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object value = get(record, component);
            if (value instanceof Optional<?> optional) {
                if (optional.isEmpty()) {
                    continue;
                }
                value = optional.get();
            }
            if (value instanceof Set<?> set) {
                value = set.stream().map(String::valueOf).sorted().toList(); // its own order differs from run to run
            }
            Optional<List<String>> group = group(component, value);
            if (group.isPresent()) {
                values.add(component.getName() + "=" + group.get());
            } else if (isPart(value)) {
                parts.put(component.getName(), value);
            } else {
                values.add(component.getName() + "=" + (value instanceof Record bare ? type(bare) : value));
            }
        }
        return values;
    }

    /** The values of a record that has nothing else and whose type the component says. */
    private static Optional<List<String>> group(RecordComponent component, Object value) {
        boolean said = value instanceof Record && !value.getClass().getSimpleName().equals("Spec")
                && component.getGenericType().getTypeName().contains(value.getClass().getName());
        if (!said) {
            return Optional.empty();
        }
        Map<String, Object> parts = new LinkedHashMap<>();
        List<String> values = values((Record) value, parts);
        return parts.isEmpty() && !values.isEmpty() ? Optional.of(values) : Optional.empty();
    }

    /** Whether it has lines of its own. */
    private static boolean isPart(Object value) {
        return value instanceof Record record
                ? record.getClass().getRecordComponents().length > 0
                : value instanceof List<?> list && !list.isEmpty()
                        && (list.get(0) instanceof Record || list.get(0) instanceof List<?> && isPart(list.get(0)));
    }

    private void addList(String indent, String name, List<?> list) {
        if (list.get(0) instanceof List<?>) {
            for (int i = 0; i < list.size(); i++) {
                addList(indent, name + List.of(i), (List<?>) list.get(i));
            }
            return;
        }
        Map<Object, List<Integer>> places = new LinkedHashMap<>();
        for (int i = 0; i < list.size(); i++) {
            places.computeIfAbsent(list.get(i), same -> new ArrayList<>()).add(i);
        }
        places.forEach((item, where) -> add(indent, name + ranges(where), (Record) item));
    }

    /** Growing numbers as [0..2, 5]. */
    private static List<String> ranges(List<Integer> numbers) {
        List<String> ranges = new ArrayList<>();
        int begin = 0;
        for (int i = 1; i <= numbers.size(); i++) {
            if (i == numbers.size() || numbers.get(i) != numbers.get(i - 1) + 1) {
                ranges.add(begin == i - 1
                        ? String.valueOf(numbers.get(begin))
                        : numbers.get(begin) + ".." + numbers.get(i - 1));
                begin = i;
            }
        }
        return ranges;
    }

    /** A block's spec is named after the block. */
    private static String type(Record record) {
        Class<?> type = record.getClass();
        return type.getSimpleName().equals("Spec") ? type.getEnclosingClass().getSimpleName() : type.getSimpleName();
    }

    private static Object get(Record record, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true); // the record may be nested in a class that is not public
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot read " + component, e);
        }
    }
}
