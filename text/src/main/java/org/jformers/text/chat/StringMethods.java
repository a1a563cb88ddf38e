package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/** The methods of Python's strings. */
final class StringMethods {
    private static final Map<String, Method> METHODS = Map.ofEntries(
            Map.entry("strip", (text, in) -> strip(text, in, true, true)),
            Map.entry("lstrip", (text, in) -> strip(text, in, true, false)),
            Map.entry("rstrip", (text, in) -> strip(text, in, false, true)),
            Map.entry("split", (text, in) -> split(text, in, false)),
            Map.entry("rsplit", (text, in) -> split(text, in, true)),
            Map.entry("splitlines", StringMethods::splitLines),
            Map.entry("partition", (text, in) -> partition(text, in, false)),
            Map.entry("rpartition", (text, in) -> partition(text, in, true)),
            Map.entry("startswith", (text, in) -> begins(text, in, true)),
            Map.entry("endswith", (text, in) -> begins(text, in, false)),
            Map.entry("removeprefix", StringMethods::removePrefix),
            Map.entry("removesuffix", StringMethods::removeSuffix),
            Map.entry("find", (text, in) -> find("find", text, in, false)),
            Map.entry("rfind", (text, in) -> find("rfind", text, in, true)),
            Map.entry("index", (text, in) -> present(find("index", text, in, false))),
            Map.entry("rindex", (text, in) -> present(find("rindex", text, in, true))),
            Map.entry("count", StringMethods::count),
            Map.entry("replace", StringMethods::replace),
            Map.entry("join", StringMethods::join),
            Map.entry("format", BraceFormat::format),
            Map.entry("upper", (text, in) -> plain("upper", in, text.spelled(Characters.upper(text.string())))),
            Map.entry("lower", (text, in) -> plain("lower", in, text.spelled(Characters.lower(text.string())))),
            Map.entry("casefold", (text, in) -> plain("casefold", in,
                    text.spelled(Characters.lower(Characters.upper(text.string()))))),
            Map.entry("title", (text, in) -> plain("title", in, text.spelled(Characters.title(text.string())))),
            Map.entry("capitalize", (text, in) ->
                    plain("capitalize", in, text.spelled(Characters.capitalize(text.string())))),
            Map.entry("swapcase", (text, in) -> plain("swapcase", in, text.spelled(swapCase(text.string())))),
            Map.entry("center", (text, in) -> pad("center", text, in)),
            Map.entry("ljust", (text, in) -> pad("ljust", text, in)),
            Map.entry("rjust", (text, in) -> pad("rjust", text, in)),
            Map.entry("zfill", StringMethods::zeroFill),
            Map.entry("isspace", (text, in) -> all("isspace", text, in, Characters::isSpace)),
            Map.entry("isdigit", (text, in) -> all("isdigit", text, in, StringMethods::isDigit)),
            Map.entry("isdecimal", (text, in) -> all("isdecimal", text, in, Character::isDigit)),
            Map.entry("isnumeric", (text, in) -> all("isnumeric", text, in, Characters::isNumeric)),
            Map.entry("isalpha", (text, in) -> all("isalpha", text, in, Character::isLetter)),
            Map.entry("isalnum", (text, in) -> all("isalnum", text, in, Characters::isLetterOrDigit)),
            Map.entry("isascii", (text, in) ->
                    plain("isascii", in, Value.of(text.string().chars().allMatch(c -> c < 128)))),
            Map.entry("isupper", (text, in) -> plain("isupper", in, Value.of(isUpper(text.string())))),
            Map.entry("islower", (text, in) -> plain("islower", in, Value.of(isLower(text.string())))));

    private StringMethods() {}

    private interface Method {
        Value call(Str text, Arguments arguments);
    }

    static Optional<Value> of(Str text, String name) {
        return Optional.ofNullable(METHODS.get(name)).map(method -> new Function(name, arguments -> {
            arguments.meter().spend(text.string().length());
            return method.call(text, arguments);
        }));
    }

    private static Value plain(String name, Arguments arguments, Value result) {
        arguments.bind(name);
        return result;
    }

    private static Value strip(Str text, Arguments arguments, boolean left, boolean right) {
        Optional<Value> characters = arguments.bind("strip", "chars").some(0);
        return strip(text, characters.map(value -> {
            if (value instanceof Str set) {
                return set.string();
            }
            throw new ChatTemplateException("strip arg must be None or str, got " + value.type());
        }), left, right);
    }

    static Str strip(Str text, Optional<String> characters, boolean left, boolean right) {
        IntPredicate goes = characters.<IntPredicate>map(set -> point -> set.indexOf(point) >= 0)
                .orElse(Characters::isSpace);
        String string = text.string();
        int from = 0;
        int to = string.length();
        while (left && from < to && goes.test(string.codePointAt(from))) {
            from += Character.charCount(string.codePointAt(from));
        }
        while (right && from < to && goes.test(string.codePointBefore(to))) {
            to -= Character.charCount(string.codePointBefore(to));
        }
        return text.slice(from, to);
    }

    private static Value split(Str text, Arguments arguments, boolean fromRight) {
        Arguments.Bound bound = arguments.bind("split", "sep", "maxsplit");
        int limit = bound.integer(1, -1);
        List<Value> parts = bound.some(0).isEmpty()
                ? splitBlanks(text, limit, fromRight)
                : splitAt(text, bound.string(0).string(), limit, fromRight);
        arguments.meter().spendElements(parts.size());
        return Listing.list(parts);
    }

    private static List<Value> splitAt(Str text, String separator, int limit, boolean fromRight) {
        if (separator.isEmpty()) {
            throw new ChatTemplateException("empty separator");
        }
        String string = text.string();
        List<Value> parts = new ArrayList<>();
        if (!fromRight) {
            int from = 0;
            for (int at = string.indexOf(separator); at >= 0 && parts.size() != limit;) {
                parts.add(text.slice(from, at));
                from = at + separator.length();
                at = string.indexOf(separator, from);
            }
            parts.add(text.slice(from));
            return parts;
        }
        int to = string.length();
        for (int at = lastIndex(string, separator, to); at >= 0 && parts.size() != limit;) {
            parts.add(text.slice(at + separator.length(), to));
            to = at;
            at = lastIndex(string, separator, to);
        }
        parts.add(text.slice(0, to));
        Collections.reverse(parts);
        return parts;
    }

    private static int lastIndex(String string, String separator, int end) {
        return end < separator.length() ? -1 : string.lastIndexOf(separator, end - separator.length());
    }

    private static List<Value> splitBlanks(Str text, int limit, boolean fromRight) {
        List<Value> parts = new ArrayList<>();
        Str rest = strip(text, Optional.empty(), !fromRight, fromRight);
        while (!rest.string().isEmpty()) {
            if (parts.size() == limit) {
                parts.add(rest);
                break;
            }
            String string = rest.string();
            int cut = fromRight ? string.length() : 0;
            if (fromRight) {
                while (cut > 0 && !Characters.isSpace(string.charAt(cut - 1))) {
                    cut--;
                }
                parts.add(rest.slice(cut));
                rest = strip(rest.slice(0, cut), Optional.empty(), false, true);
            } else {
                while (cut < string.length() && !Characters.isSpace(string.charAt(cut))) {
                    cut++;
                }
                parts.add(rest.slice(0, cut));
                rest = strip(rest.slice(cut), Optional.empty(), true, false);
            }
        }
        if (fromRight) {
            Collections.reverse(parts);
        }
        return parts;
    }

    private static Value splitLines(Str text, Arguments arguments) {
        boolean keep = arguments.bind("splitlines", "keepends").flag(0);
        List<Value> lines = lines(text, keep);
        arguments.meter().spendElements(lines.size());
        return Listing.list(lines);
    }

    static List<Value> lines(Str text, boolean keep) {
        String string = text.string();
        List<Value> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < string.length(); i++) {
            if (Characters.isLineEnd(string.charAt(i))) {
                int end = string.startsWith("\r\n", i) ? i + 2 : i + 1;
                lines.add(text.slice(from, keep ? end : i));
                from = end;
                i = end - 1;
            }
        }
        if (from < string.length()) {
            lines.add(text.slice(from));
        }
        return lines;
    }

    private static Value partition(Str text, Arguments arguments, boolean last) {
        String separator = arguments.bind("partition", "sep").string(0).string();
        if (separator.isEmpty()) {
            throw new ChatTemplateException("empty separator");
        }
        int at = last ? text.string().lastIndexOf(separator) : text.string().indexOf(separator);
        if (at < 0) {
            return last ? Listing.tuple(Str.EMPTY, Str.EMPTY, text) : Listing.tuple(text, Str.EMPTY, Str.EMPTY);
        }
        int end = at + separator.length();
        return Listing.tuple(text.slice(0, at), text.slice(at, end), text.slice(end));
    }

    private static Value begins(Str text, Arguments arguments, boolean front) {
        Arguments.Bound bound = arguments.bind(front ? "startswith" : "endswith", "prefix", "start", "end");
        Value prefix = bound.required(0);
        Str within = within(text, bound);
        if (prefix instanceof Listing list && list.isTuple()) {
            return Value.of(list.elements().stream().anyMatch(one -> begins(within, bound.string(0, one), front)));
        }
        return Value.of(begins(within, bound.string(0), front));
    }

    private static boolean begins(Str text, Str part, boolean front) {
        return front ? text.string().startsWith(part.string()) : text.string().endsWith(part.string());
    }

    /** The part of a text that {@code start} and {@code end}, the second and third argument, leave. */
    private static Str within(Str text, Arguments.Bound bound) {
        int length = text.length();
        int from = Math.min(bound(bound.integer(1, 0), length), length);
        int to = Math.min(bound(bound.integer(2, length), length), length);
        return from <= to ? text.slice(text.index(from), text.index(to)) : Str.EMPTY;
    }

    private static int bound(int index, int length) {
        return index < 0 ? Math.max(0, index + length) : index;
    }

    private static Value removePrefix(Str text, Arguments arguments) {
        String prefix = arguments.bind("removeprefix", "prefix").string(0).string();
        return text.string().startsWith(prefix) ? text.slice(prefix.length()) : text;
    }

    private static Value removeSuffix(Str text, Arguments arguments) {
        String suffix = arguments.bind("removesuffix", "suffix").string(0).string();
        return text.string().endsWith(suffix) ? text.slice(0, text.string().length() - suffix.length()) : text;
    }

    private static Value find(String name, Str text, Arguments arguments, boolean last) {
        Arguments.Bound bound = arguments.bind(name, "sub", "start", "end");
        String part = bound.string(0).string();
        Str within = within(text, bound);
        int at = last ? within.string().lastIndexOf(part) : within.string().indexOf(part);
        return Value.of(at < 0 ? -1 : within.codePoints(at) + bound(bound.integer(1, 0), text.length()));
    }

    private static Value present(Value index) {
        if (index.equals(Value.of(-1))) {
            throw new ChatTemplateException("substring not found");
        }
        return index;
    }

    private static Value count(Str text, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("count", "sub", "start", "end");
        String part = bound.string(0).string();
        Str within = within(text, bound);
        if (part.isEmpty()) {
            return Value.of(within.length() + 1);
        }
        int count = 0;
        for (int at = within.string().indexOf(part); at >= 0; at = within.string().indexOf(part, at + part.length())) {
            count++;
        }
        return Value.of(count);
    }

    private static Value replace(Str text, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", "old", "new", "count");
        return replace(text, bound.string(0), bound.string(1), bound.integer(2, -1), arguments.meter());
    }

    static Str replace(Str text, Str old, Str replacement, int limit, Meter meter) {
        TextBuilder out = new TextBuilder(meter);
        String string = text.string();
        String part = old.string();
        int from = 0;
        int done = 0;
        int at = string.indexOf(part);
        while (at >= 0 && done != limit) {
            out.append(text, from, at).append(replacement);
            done++;
            from = at + part.length();
            if (part.isEmpty()) {
                if (at == string.length()) {
                    return out.build();
                }
                from = at + Character.charCount(string.codePointAt(at));
                out.append(text, at, from);
            }
            at = string.indexOf(part, from);
        }
        return out.append(text, from, string.length()).build();
    }

    private static Value join(Str text, Arguments arguments) {
        TextBuilder out = new TextBuilder(arguments.meter());
        Str separator = Str.EMPTY;
        for (Value element : arguments.bind("join", "iterable").required(0).elements()) {
            if (!(element instanceof Str part)) {
                throw new ChatTemplateException("join: expected str instances, found " + element.type());
            }
            out.append(separator).append(part);
            separator = text;
        }
        return out.build();
    }

    private static Value pad(String side, Str text, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(side, "width", "fillchar");
        bound.required(0);
        int missing = Math.max(0, bound.integer(0, 0) - text.length());
        Str fill = bound.get(1).isPresent() ? bound.string(1) : Str.of(" ");
        if (fill.length() != 1) {
            throw new ChatTemplateException(side + ": the fill character must be exactly one character long");
        }
        int left = switch (side) {
            case "ljust" -> 0;
            case "rjust" -> missing;
            // Python gives an odd space to the left if the width is odd as well.
            default -> missing / 2 + (missing & bound.integer(0, 0) & 1);
        };
        return new TextBuilder(arguments.meter()).repeat(fill, left).append(text).repeat(fill, missing - left).build();
    }

    private static Value zeroFill(Str text, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("zfill", "width");
        bound.required(0);
        int sign = text.string().startsWith("-") || text.string().startsWith("+") ? 1 : 0;
        return new TextBuilder(arguments.meter()).append(text, 0, sign)
                .repeat(Str.of("0"), Math.max(0, bound.integer(0, 0) - text.length()))
                .append(text.slice(sign)).build();
    }

    private static String swapCase(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(point -> {
            String one = Character.toString(point);
            out.append(Character.isUpperCase(point) ? Characters.lower(one) : Characters.upper(one));
        });
        return out.toString();
    }

    private static boolean isDigit(int point) {
        return Character.isDigit(point) || "\u00b2\u00b3\u00b9".indexOf(point) >= 0;
    }

    private static Value all(String name, Str text, Arguments arguments, IntPredicate holds) {
        return plain(name, arguments, Value.of(text.truth() && text.string().codePoints().allMatch(holds)));
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(p -> Character.isLowerCase(p) || Character.isTitleCase(p));
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(p -> Character.isUpperCase(p) || Character.isTitleCase(p));
    }
}
