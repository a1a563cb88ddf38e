package org.jformers.text.chat;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/** The methods of Python's strings; those that cut and search are in {@link StringParts} and {@link StringSearch}. */
final class StringMethods {
    private static final Map<String, Method> METHODS = Map.ofEntries(
            Map.entry("strip", (text, in) -> StringParts.strip(text, in, true, true)),
            Map.entry("lstrip", (text, in) -> StringParts.strip(text, in, true, false)),
            Map.entry("rstrip", (text, in) -> StringParts.strip(text, in, false, true)),
            Map.entry("split", (text, in) -> StringParts.split(text, in, false)),
            Map.entry("rsplit", (text, in) -> StringParts.split(text, in, true)),
            Map.entry("splitlines", StringParts::splitLines),
            Map.entry("partition", (text, in) -> StringParts.partition(text, in, false)),
            Map.entry("rpartition", (text, in) -> StringParts.partition(text, in, true)),
            Map.entry("removeprefix", StringParts::removePrefix),
            Map.entry("removesuffix", StringParts::removeSuffix),
            Map.entry("startswith", (text, in) -> StringSearch.begins(text, in, true)),
            Map.entry("endswith", (text, in) -> StringSearch.begins(text, in, false)),
            Map.entry("find", (text, in) -> Value.of(StringSearch.find("find", text, in, false))),
            Map.entry("rfind", (text, in) -> Value.of(StringSearch.find("rfind", text, in, true))),
            Map.entry("index", (text, in) -> StringSearch.index("index", text, in, false)),
            Map.entry("rindex", (text, in) -> StringSearch.index("rindex", text, in, true)),
            Map.entry("count", StringSearch::count),
            Map.entry("replace", StringSearch::replace),
            Map.entry("translate", StringMethods::translate),
            Map.entry("maketrans", (text, in) -> makeTranslation(in)),
            Map.entry("join", StringMethods::join),
            Map.entry("format", BraceFormat::format),
            Map.entry("format_map", BraceFormat::formatMap),
            Map.entry("encode", StringMethods::encode),
            Map.entry("expandtabs", StringMethods::expandTabs),
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
            Map.entry("isdigit", (text, in) -> all("isdigit", text, in, Characters::isDigit)),
            Map.entry("isdecimal", (text, in) -> all("isdecimal", text, in, Character::isDigit)),
            Map.entry("isnumeric", (text, in) -> all("isnumeric", text, in, Characters::isNumeric)),
            Map.entry("isalpha", (text, in) -> all("isalpha", text, in, Character::isLetter)),
            Map.entry("isalnum", (text, in) -> all("isalnum", text, in, Characters::isLetterOrDigit)),
            Map.entry("isascii", (text, in) ->
                    plain("isascii", in, Value.of(text.string().chars().allMatch(c -> c < 128)))),
            Map.entry("isprintable", (text, in) -> plain("isprintable", in,
                    Value.of(text.string().codePoints().allMatch(Characters::isPrintable)))),
            Map.entry("isidentifier", (text, in) -> plain("isidentifier", in, Value.of(isIdentifier(text.string())))),
            Map.entry("istitle", (text, in) -> plain("istitle", in, Value.of(isTitle(text.string())))),
            Map.entry("isupper", (text, in) -> plain("isupper", in, Value.of(isUpper(text.string())))),
            Map.entry("islower", (text, in) -> plain("islower", in, Value.of(isLower(text.string())))));

    /** Methods whose parameters have names; those of the others have none. */
    private static final Set<String> NAMED =
            Set.of("split", "rsplit", "splitlines", "expandtabs", "encode", "format", "removesuffix");

    /** Methods that seldom look at the whole text, one character after the other, and that pay for it where they do. */
    private static final Set<String> PAYING = Set.of(
            "startswith", "endswith", "removeprefix", "removesuffix", "strip", "lstrip", "rstrip", "find", "rfind",
            "index", "rindex", "count", "split", "rsplit", "partition", "rpartition", "replace");

    private StringMethods() {}

    private interface Method {
        Value call(Str text, Arguments arguments);
    }

    static Optional<Value> of(Str text, String name) {
        return method(text, name).map(method -> Function.method("str", name, arguments -> {
                    if (!NAMED.contains(name)) {
                        arguments.unnamed(name);
                    }
                    if (PAYING.contains(name)) {
                        arguments.meter().spendScan(text.string().length());
                    } else {
                        arguments.meter().spend(text.string().length());
                    }
                    return Markup.result(text, name, method.call(text, arguments));
                }));
    }

    private static Optional<Method> method(Str text, String name) {
        return text.isSafe() && name.equals("escape")
                ? Optional.of((ignored, in) -> Markup.escape(in.only("escape"), in.meter()))
                : Optional.ofNullable(METHODS.get(name));
    }

    private static Value plain(String name, Arguments arguments, Value result) {
        arguments.bind(name);
        return result;
    }

    private static Value join(Str text, Arguments arguments) {
        TextBuilder out = new TextBuilder(arguments.meter());
        Str separator = Str.EMPTY;
        Iterator<Value> elements = arguments.bind("join", "iterable").required(0).iterator();
        while (elements.hasNext()) {
            Value element = elements.next();
            if (!text.isSafe() && !(element instanceof Str)) {
                throw new ChatTemplateException("join: expected str instances, found " + element.type());
            }
            out.append(separator).append(text.isSafe() ? Markup.escape(element, arguments.meter()) : (Str) element);
            separator = text;
        }
        return out.build();
    }

    private static Value encode(Str text, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("encode", "encoding", "errors");
        String encoding = bound.get(0).isPresent() ? bound.string(0).string() : "utf-8";
        if (!encoding.matches("(?i)utf[-_]?8")) {
            throw new ChatTemplateException("encode: the encoding must be utf-8, got " + encoding);
        }
        return Bytes.of(text.string().getBytes(StandardCharsets.UTF_8), arguments.meter());
    }

    private static Value expandTabs(Str text, Arguments arguments) {
        int size = arguments.bind("expandtabs", "tabsize").integer(0, 8);
        TextBuilder out = new TextBuilder(arguments.meter());
        int column = 0;
        int from = 0;
        for (int i = 0; i < text.string().length(); i++) {
            char character = text.string().charAt(i);
            if (character == '\t') {
                int spaces = size > 0 ? size - column % size : 0;
                out.append(text, from, i).repeat(Str.of(" "), spaces);
                from = i + 1;
                column += spaces;
            } else {
                column = character == '\n' || character == '\r' ? 0
                        : Character.isLowSurrogate(character) ? column : column + 1;
            }
        }
        return out.append(text, from, text.string().length()).build();
    }

    private static Value translate(Str text, Arguments arguments) {
        Value table = arguments.only("translate");
        TextBuilder out = new TextBuilder(arguments.meter());
        Iterator<Value> characters = text.iterator();
        while (characters.hasNext()) {
            Value element = characters.next();
            arguments.meter().spend(2);
            Str character = (Str) element;
            Value change = table.item(Value.of(character.string().codePointAt(0))).orElse(character);
            if (change instanceof Str other) {
                out.append(other);
            } else if (change instanceof Num number && !number.isFloat() && number.small() >= 0
                    && number.small() <= Character.MAX_CODE_POINT) {
                // A character made of a number is no text of the template.
                out.appendData(Character.toString(number.clamped()));
            } else if (change != None.NONE) {
                throw new ChatTemplateException("character mapping must return integer, None or str");
            }
        }
        return out.build();
    }

    private static Value makeTranslation(Arguments arguments) {
        Arguments.Bound bound = arguments.bind("maketrans", "x", "y", "z");
        Map<Value, Value> table = new LinkedHashMap<>();
        if (bound.get(1).isEmpty()) {
            if (!(bound.required(0) instanceof Dict dict)) {
                throw new ChatTemplateException("if you give only one argument to maketrans it must be a dict");
            }
            dict.entries().forEach((key, value) -> table.put(key instanceof Str text ? point(text) : key, value));
        } else {
            int[] from = bound.string(0).string().codePoints().toArray();
            int[] to = bound.string(1).string().codePoints().toArray();
            if (from.length != to.length) {
                throw new ChatTemplateException("the first two maketrans arguments must have equal length");
            }
            for (int i = 0; i < from.length; i++) {
                table.put(Value.of(from[i]), Value.of(to[i]));
            }
            if (bound.get(2).isPresent()) {
                bound.string(2).string().codePoints().forEach(point -> table.put(Value.of(point), None.NONE));
            }
        }
        arguments.meter().spendElements(table.size());
        return new Dict(table);
    }

    private static Value point(Str key) {
        if (key.length() != 1) {
            throw new ChatTemplateException("string keys in translate table must be of length 1");
        }
        return Value.of(key.string().codePointAt(0));
    }

    private static Value pad(String side, Str text, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(side, "width", "fillchar");
        bound.required(0);
        int missing = Math.max(0, bound.integer(0, 0) - text.length());
        Str fill = bound.get(1).isPresent() ? bound.string(1) : Str.of(" ");
        fill = text.isSafe() ? Markup.escape(fill, arguments.meter()) : fill;
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

    private static boolean isIdentifier(String text) {
        int[] points = text.codePoints().toArray();
        for (int i = 0; i < points.length; i++) {
            boolean fits = points[i] == '_' || (i == 0 ? Character.isUnicodeIdentifierStart(points[i])
                    : Character.isUnicodeIdentifierPart(points[i]) && !Character.isIdentifierIgnorable(points[i]));
            if (!fits) {
                return false;
            }
        }
        return points.length > 0;
    }

    private static boolean isTitle(String text) {
        boolean within = false;
        boolean any = false;
        for (int point : text.codePoints().toArray()) {
            boolean large = Character.isUpperCase(point) || Character.isTitleCase(point);
            boolean small = Character.isLowerCase(point);
            if (large && within || small && !within) {
                return false;
            }
            within = large || small;
            any |= within;
        }
        return any;
    }
}
