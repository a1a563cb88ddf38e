package org.jformers.text.chat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code text.format(...)}; what belongs behind a colon is in {@link FormatSpec}. */
final class BraceFormat {
    private static final Pattern PART = Pattern.compile("\\.([^.\\[]+)|\\[([^\\]]+)\\]");
    /** A field within the format of a field may hold no third. */
    private static final int DEPTH = 2;

    private final boolean safe;
    private final Arguments arguments;
    private final Meter meter;
    /** The number of the next field without one; absent where fields have numbers. */
    private Optional<Integer> automatic = Optional.of(0);

    private BraceFormat(boolean safe, Arguments arguments) {
        this.safe = safe;
        this.arguments = arguments;
        meter = arguments.meter();
    }

    static Value format(Str format, Arguments arguments) {
        return new BraceFormat(format.isSafe(), arguments).format(format, DEPTH);
    }

    static Value formatMap(Str format, Arguments arguments) {
        Map<String, Value> named = new LinkedHashMap<>();
        if (!(arguments.only("format_map") instanceof Dict dict)) {
            throw new ChatTemplateException("format_map() expects a mapping");
        }
        dict.entries().forEach((key, value) -> {
            if (key instanceof Str name) {
                named.put(name.string(), value);
            }
        });
        arguments.meter().spendElements(named.size());
        return format(format, new Arguments(List.of(), named, arguments.run()));
    }

    private Str format(Str format, int depth) {
        if (depth == 0) {
            throw new ChatTemplateException("format: fields nest too deeply");
        }
        TextBuilder out = new TextBuilder(meter);
        String string = format.string();
        int plain = 0;
        int at = 0;
        while (at < string.length()) {
            char c = string.charAt(at);
            boolean doubled = at + 1 < string.length() && string.charAt(at + 1) == c;
            if (c != '{' && c != '}') {
                at++;
                continue;
            }
            out.append(format, plain, doubled ? at + 1 : at);
            if (doubled) {
                at += 2;
            } else if (c == '}') {
                throw new ChatTemplateException("single '}' encountered in format string");
            } else {
                int end = end(string, at);
                out.append(field(format.slice(at + 1, end), depth));
                at = end + 1;
            }
            plain = at;
        }
        return out.append(format, plain, string.length()).build();
    }

    private static int end(String string, int begin) {
        int depth = 0;
        for (int i = begin; i < string.length(); i++) {
            depth += string.charAt(i) == '{' ? 1 : string.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new ChatTemplateException("expected '}' before end of string");
    }

    private Str field(Str field, int depth) {
        String string = field.string();
        int nameEnd = 0;
        boolean brackets = false;
        while (nameEnd < string.length() && (brackets || ":!".indexOf(string.charAt(nameEnd)) < 0)) {
            char c = string.charAt(nameEnd++);
            if (c == '{') {
                throw new ChatTemplateException("unexpected '{' in field name");
            }
            brackets = c == '[' || brackets && c != ']';
        }
        Value value = lookUp(number(string.substring(0, nameEnd)));
        int at = nameEnd;
        if (at < string.length() && string.charAt(at) == '!') {
            boolean closed = at + 2 == string.length() || at + 2 < string.length() && string.charAt(at + 2) == ':';
            if (!closed) {
                throw new ChatTemplateException("format: expected ':' after the conversion");
            }
            value = converted(value, string.charAt(at + 1));
            at += 2;
        }
        Str spec = at < string.length() ? format(field.slice(at + 1), depth - 1) : Str.EMPTY;
        boolean web = safe && value instanceof Str text && text.isSafe();
        if (web && spec.truth()) {
            throw new ChatTemplateException("unsupported format specification for Markup");
        }
        Str text = spec.truth() ? FormatSpec.format(value, spec.string(), meter) : value.text(meter);
        return safe ? Markup.escape(text, meter) : text;
    }

    private String number(String name) {
        if (name.isEmpty()) {
            int number = automatic.orElseThrow(() -> new ChatTemplateException(
                    "cannot switch from manual field specification to automatic field numbering"));
            automatic = Optional.of(number + 1);
            return Integer.toString(number);
        }
        if (name.chars().allMatch(Character::isDigit)) {
            if (automatic.filter(number -> number > 0).isPresent()) {
                throw new ChatTemplateException(
                        "cannot switch from manual field specification to automatic field numbering");
            }
            automatic = Optional.empty();
        }
        return name;
    }

    private Value converted(Value value, char conversion) {
        TextBuilder text = new TextBuilder(meter);
        switch (conversion) {
            case 's' -> value.print(text);
            case 'r' -> value.repr(text);
            case 'a' -> {
                TextBuilder shown = new TextBuilder(meter);
                value.repr(shown);
                return Characters.ascii(shown.build(), meter);
            }
            default -> throw new ChatTemplateException("format: unknown conversion '" + conversion + "'");
        }
        return text.build();
    }

    private Value lookUp(String name) {
        int end = 0;
        while (end < name.length() && ".[".indexOf(name.charAt(end)) < 0) {
            end++;
        }
        Value value = first(name.substring(0, end));
        Matcher part = PART.matcher(name).region(end, name.length());
        while (part.lookingAt()) {
            meter.spend(1);
            if (part.group(1) != null) {
                value = Postfix.attribute(value, part.group(1));
            } else {
                String key = part.group(2);
                boolean number = key.length() < 10 && key.chars().allMatch(Character::isDigit);
                value = Postfix.item(value, number ? Value.of(Integer.parseInt(key)) : Str.of(key));
            }
            part.region(part.end(), name.length());
        }
        if (part.regionStart() < name.length()) {
            throw new ChatTemplateException("format: only '.' or '[' may follow ']' in a field name");
        }
        return value;
    }

    private Value first(String name) {
        boolean number = !name.isEmpty() && name.length() < 10 && name.chars().allMatch(Character::isDigit);
        if (!number) {
            Value value = arguments.named().get(name);
            if (value == null) {
                throw new ChatTemplateException("format: no such argument");
            }
            return value;
        }
        int index = Integer.parseInt(name);
        if (index >= arguments.positional().size()) {
            throw new ChatTemplateException("format: no argument " + index);
        }
        return arguments.positional().get(index);
    }
}
