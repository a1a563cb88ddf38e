package org.jformers.text.chat;

import java.util.List;

/** Writes values as Python's {@code json.dumps} does. */
final class JsonWriter {
    private final TextBuilder out;
    private final boolean ascii;
    private final boolean sorted;
    private final boolean indented;
    private final Str indent;
    private final Str comma;
    private final Str colon;
    private int level;

    private JsonWriter(TextBuilder out, Arguments.Bound options) {
        this.out = out;
        ascii = options.flag(0);
        indented = options.some(1).isPresent();
        indent = options.some(1).map(value -> value instanceof Str text ? text
                : new TextBuilder(out.meter()).repeat(Str.of(" "), options.integer(1, 0)).build()).orElse(Str.EMPTY);
        List<Value> separators = options.some(2).map(Value::elements)
                .orElse(List.of(Str.of(indented ? "," : ", "), Str.of(": ")));
        if (separators.size() != 2) {
            throw new ChatTemplateException("tojson(): separators must be two, got " + separators.size());
        }
        comma = options.string(2, separators.get(0));
        colon = options.string(2, separators.get(1));
        sorted = options.flag(3);
    }

    /** The filter {@code tojson}. */
    static Str write(Value value, Arguments arguments) {
        TextBuilder out = new TextBuilder(arguments.meter());
        new JsonWriter(out, arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys")).write(value);
        return out.build();
    }

    private void write(Value value) {
        if (value instanceof Str text) {
            string(text);
        } else if (value instanceof Num number) {
            out.append(number(number));
        } else if (value == None.NONE) {
            out.append("null");
        } else if (value instanceof Listing list) {
            list(list);
        } else if (value instanceof Dict dict) {
            dict(dict);
        } else {
            throw new ChatTemplateException("object of type " + value.type() + " is not JSON serializable");
        }
    }

    private static String number(Num number) {
        if (number.isFloat() && !Double.isFinite(number.real())) {
            return number.isNan() ? "NaN" : number.real() > 0 ? "Infinity" : "-Infinity";
        }
        return number.kind() == Num.Kind.BOOL ? number.truth() ? "true" : "false" : number.toString();
    }

    private void list(Listing list) {
        if (list.length() == 0) {
            out.append("[]");
            return;
        }
        out.append("[");
        level++;
        boolean first = true;
        for (Value element : list.elements()) {
            next(first);
            first = false;
            write(element);
        }
        level--;
        newLine();
        out.append("]");
    }

    private void dict(Dict dict) {
        if (dict.length() == 0) {
            out.append("{}");
            return;
        }
        out.append("{");
        level++;
        boolean first = true;
        List<Value> keys = dict.elements();
        if (sorted) {
            keys = Sorting.sorted(keys, key -> key, false, out.meter());
        }
        for (Value key : keys) {
            next(first);
            first = false;
            string(key(key));
            out.append(colon);
            write(dict.item(key).orElseThrow());
        }
        level--;
        newLine();
        out.append("}");
    }

    private static Str key(Value key) {
        if (key instanceof Str text) {
            return text;
        }
        if (key instanceof Num number) {
            return Str.of(number(number));
        }
        if (key == None.NONE) {
            return Str.of("null");
        }
        throw new ChatTemplateException("keys must be str, int, float, bool or None, not " + key.type());
    }

    private void next(boolean first) {
        if (!first) {
            out.append(comma);
        }
        newLine();
    }

    private void newLine() {
        if (indented) {
            out.append("\n").repeat(indent, level);
        }
    }

    private void string(Str text) {
        out.append("\"");
        String string = text.string();
        int from = 0;
        for (int i = 0; i < string.length(); i++) {
            String escaped = escape(string.charAt(i));
            if (!escaped.isEmpty()) {
                out.append(text, from, i).appendAs(escaped, text, i);
                from = i + 1;
            }
        }
        out.append(text, from, string.length()).append("\"");
    }

    private String escape(char character) {
        return switch (character) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            default -> character < ' ' || ascii && character > '~' ? String.format("\\u%04x", (int) character) : "";
        };
    }
}
