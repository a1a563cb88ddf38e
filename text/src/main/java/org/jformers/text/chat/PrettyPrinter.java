package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The filter {@code pprint}: Python's {@code pprint.pformat}, with lines of 80 characters and sorted keys. */
final class PrettyPrinter {
    private static final int WIDTH = 80;
    private static final int STEPS = 16;

    private final TextBuilder out;
    private final Meter meter;

    private PrettyPrinter(Meter meter) {
        this.meter = meter;
        out = new TextBuilder(meter);
    }

    static Str print(Value value, Meter meter) {
        PrettyPrinter printer = new PrettyPrinter(meter);
        printer.print(value, 0, 0, 0);
        return printer.out.build();
    }

    /**
     * Prints a value in one line where there is room, else over several.
     *
     * @param indent the column where it begins
     * @param allowance characters that follow it in its last line
     * @param level how many lists and mappings are around it
     */
    private void print(Value value, int indent, int allowance, int level) {
        Str whole = line(value);
        if (whole.length() <= WIDTH - indent - allowance) {
            out.append(whole);
        } else if (value instanceof Dict dict) {
            out.append("{");
            entries(dict, indent + 1, allowance + 1, level + 1);
            out.append("}");
        } else if (value instanceof Listing list) {
            out.append(list.isTuple() ? "(" : "[");
            boolean single = list.isTuple() && list.length() == 1;
            elements(list.elements(), indent + 1, single ? allowance + 2 : allowance + 1, level + 1);
            out.append(list.isTuple() ? single ? ",)" : ")" : "]");
        } else if (value instanceof Str text && !text.isSafe()) {
            string(text, indent, allowance, level + 1, whole);
        } else {
            out.append(whole);
        }
    }

    private void entries(Dict dict, int indent, int allowance, int level) {
        int left = dict.length();
        for (Map.Entry<Value, Value> entry : sorted(dict)) {
            left--;
            Str key = line(entry.getKey());
            out.append(key).append(": ");
            print(entry.getValue(), indent + key.length() + 2, left == 0 ? allowance : 1, level);
            if (left > 0) {
                out.append(",\n").repeat(Str.of(" "), indent);
            }
        }
    }

    private void elements(List<Value> elements, int indent, int allowance, int level) {
        for (int i = 0; i < elements.size(); i++) {
            boolean last = i == elements.size() - 1;
            print(elements.get(i), indent, last ? allowance : 1, level);
            if (!last) {
                out.append(",\n").repeat(Str.of(" "), indent);
            }
        }
    }

    private void string(Str text, int around, int behind, int level, Str whole) {
        int indent = level == 1 ? around + 1 : around;
        int allowance = level == 1 ? behind + 1 : behind;
        List<Str> chunks = new ArrayList<>();
        List<Value> lines = StringParts.lines(text, true, meter);
        for (int i = 0; i < lines.size(); i++) {
            boolean last = i == lines.size() - 1;
            Str shown = line(lines.get(i));
            if (shown.length() <= WIDTH - indent - (last ? allowance : 0)) {
                chunks.add(shown);
            } else {
                words((Str) lines.get(i), WIDTH - indent, last ? allowance : 0, chunks);
            }
        }
        if (chunks.size() == 1) {
            out.append(line(lines.get(lines.size() - 1)));
            return;
        }
        out.append(level == 1 ? "(" : "");
        for (int i = 0; i < chunks.size(); i++) {
            if (i > 0) {
                out.append("\n").repeat(Str.of(" "), indent);
            }
            out.append(chunks.get(i));
        }
        out.append(level == 1 ? ")" : "");
    }

    /** As many words as fit, each with the space behind it, are a chunk. */
    private void words(Str line, int room, int allowance, List<Str> chunks) {
        String string = line.string();
        int from = 0;
        int end = 0;
        while (end < string.length()) {
            int next = end;
            while (next < string.length() && !Characters.isSpace(string.charAt(next))) {
                next++;
            }
            while (next < string.length() && Characters.isSpace(string.charAt(next))) {
                next++;
            }
            int width = next == string.length() ? room - allowance : room;
            if (end > from && line(line.slice(from, next)).length() > width) {
                chunks.add(line(line.slice(from, end)));
                from = end;
            }
            end = next;
        }
        chunks.add(line(line.slice(from)));
    }

    private List<Map.Entry<Value, Value>> sorted(Dict dict) {
        List<Map.Entry<Value, Value>> entries = new ArrayList<>(dict.entries().entrySet());
        meter.spendElements(2L * entries.size());
        entries.sort(Comparator.comparing(Map.Entry::getKey, this::compare));
        return entries;
    }

    /** The order of two keys; by their types where they have none. */
    private int compare(Value a, Value b) {
        boolean ordered = a instanceof Num && b instanceof Num || a instanceof Str && b instanceof Str;
        return ordered ? Operators.order(a, b, "<", meter) : a.type().compareTo(b.type());
    }

    private Str line(Value value) {
        TextBuilder line = new TextBuilder(meter);
        meter.spend(STEPS);
        write(value, line);
        return line.build();
    }

    private void write(Value value, TextBuilder line) {
        if (value instanceof Dict dict) {
            String separator = "{";
            for (Map.Entry<Value, Value> entry : sorted(dict)) {
                line.append(separator);
                write(entry.getKey(), line);
                line.append(": ");
                write(entry.getValue(), line);
                separator = ", ";
            }
            line.append(dict.truth() ? "}" : "{}");
        } else if (value instanceof Listing list) {
            line.append(list.isTuple() ? "(" : "[");
            String separator = "";
            for (Value element : list.elements()) {
                line.append(separator);
                write(element, line);
                separator = ", ";
            }
            line.append(list.isTuple() ? list.length() == 1 ? ",)" : ")" : "]");
        } else {
            value.repr(line);
        }
    }
}
