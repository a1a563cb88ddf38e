package org.jformers.cli;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Nested records as lines: {@code path = Type} for a record, {@code path = value} for a value. Equal neighbours in
 * a list share their lines, as {@code blocks[0..11]}.
 */
final class SpecLines {
    private final List<String> lines = new ArrayList<>();

    private SpecLines() {}

    static List<String> of(String name, Record spec) {
        SpecLines printer = new SpecLines();
        printer.add(name, spec);
        return printer.lines;
    }

    private void add(String path, Object value) {
        if (value instanceof Optional<?> optional) {
            if (optional.isPresent()) {
                add(path, optional.get());
            } else {
                lines.add(path + " = none");
            }
        } else if (value instanceof Record record) {
            lines.add(path + " = " + name(record.getClass()));
            for (RecordComponent component : record.getClass().getRecordComponents()) {
                add(path + "." + component.getName(), get(record, component));
            }
        } else if (value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Record) {
            addList(path, list);
        } else {
            lines.add(path + " = " + value);
        }
    }

    private void addList(String path, List<?> list) {
        int begin = 0;
        while (begin < list.size()) {
            int end = begin + 1;
            while (end < list.size() && list.get(end).equals(list.get(begin))) {
                end++;
            }
            add(path + "[" + (end == begin + 1 ? "" + begin : begin + ".." + (end - 1)) + "]", list.get(begin));
            begin = end;
        }
    }

    /** A block's spec is named after the block. */
    private static String name(Class<?> type) {
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
