package org.jformers.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The filters that follow a bar: those for one value; those for many are in {@link SequenceFilters}. */
final class Filters {
    /** A filter. */
    interface Filter {
        Value apply(Value value, Arguments arguments);
    }

    /** Digits of any base, with single underscores between them. */
    private static final Pattern DIGITS = Pattern.compile("[a-z\\p{Nd}]++(?:_[a-z\\p{Nd}]++)*+");
    private static final Pattern REAL = Pattern.compile(
            "[+-]?(?:(?:\\d[\\d_]*+\\.?[\\d_]*+|\\.\\d[\\d_]*+)(?:[eE][+-]?\\d++)?|inf|infinity|nan)",
            Pattern.CASE_INSENSITIVE);
    private static final int LEEWAY = 5;
    private static final int LONGEST_NUMBER = 4300;

    private static final Map<String, Filter> FILTERS = Map.ofEntries(
            Map.entry("trim", Filters::trim),
            Map.entry("upper", (value, in) -> {
                Str text = text("upper", value, in);
                return text.spelled(Characters.upper(text.string()));
            }),
            Map.entry("lower", (value, in) -> {
                Str text = text("lower", value, in);
                return text.spelled(Characters.lower(text.string()));
            }),
            Map.entry("capitalize", (value, in) -> {
                Str text = text("capitalize", value, in);
                return text.spelled(Characters.capitalize(text.string()));
            }),
            Map.entry("title", Filters::title),
            Map.entry("string", (value, in) -> text("string", value, in)),
            Map.entry("safe", (value, in) -> text("safe", value, in).safe()),
            Map.entry("escape", Filters::escape),
            Map.entry("e", Filters::escape),
            Map.entry("forceescape", (value, in) -> Markup.escapeAgain(text("forceescape", value, in), in.meter())),
            Map.entry("replace", Filters::replace),
            Map.entry("center", Filters::center),
            Map.entry("indent", Filters::indent),
            Map.entry("truncate", Filters::truncate),
            Map.entry("wordcount", Filters::wordCount),
            Map.entry("format", Filters::format),
            Map.entry("tojson", JsonWriter::write),
            Map.entry("pprint", (value, in) -> {
                in.bind("pprint");
                return PrettyPrinter.print(value, in.meter());
            }),
            Map.entry("default", Filters::otherwise),
            Map.entry("d", Filters::otherwise),
            Map.entry("attr", Filters::attribute),
            Map.entry("int", Filters::whole),
            Map.entry("float", Filters::real),
            Map.entry("abs", Filters::absolute),
            Map.entry("round", Filters::round),
            Map.entry("length", Filters::length),
            Map.entry("count", Filters::length));

    private Filters() {}

    static boolean exists(String name) {
        return FILTERS.containsKey(name) || SequenceFilters.FILTERS.containsKey(name);
    }

    static Value apply(String name, Value value, Arguments arguments) {
        Filter filter = Optional.ofNullable(FILTERS.get(name)).orElseGet(() -> SequenceFilters.FILTERS.get(name));
        if (filter == null) {
            throw new ChatTemplateException("no filter named '" + name + "'");
        }
        arguments.meter().spend(1);
        return filter.apply(value, arguments);
    }

    private static Str text(String name, Value value, Arguments arguments) {
        arguments.bind(name);
        Str text = value.text(arguments.meter());
        arguments.meter().spend(text.string().length());
        return text;
    }

    private static Value trim(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("trim", "chars");
        Optional<String> characters = bound.some(0).map(chars -> bound.string(0).string());
        return StringParts.strip(value.text(arguments.meter()), characters, true, true, arguments.meter());
    }

    private static Value title(Value value, Arguments arguments) {
        Str text = text("title", value, arguments);
        StringBuilder out = new StringBuilder();
        boolean starts = true;
        for (int point : text.string().codePoints().toArray()) {
            boolean between = "-({[<".indexOf(point) >= 0 || Characters.isSpace(point);
            String one = Character.toString(point);
            out.append(starts && !between ? Characters.upper(one) : Characters.lower(one));
            starts = between;
        }
        return text.plain().spelled(out.toString());
    }

    private static Value escape(Value value, Arguments arguments) {
        arguments.bind("escape");
        return Markup.escape(value, arguments.meter());
    }

    private static Value replace(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", "old", "new", "count");
        Str old = bound.required(0).text(arguments.meter());
        Str replacement = bound.required(1).text(arguments.meter());
        return StringSearch.replace(
                value.text(arguments.meter()), old, replacement, bound.index(2, -1), arguments.meter());
    }

    private static Value center(Value value, Arguments arguments) {
        Value width = Value.of(arguments.bind("center", "width").integer(0, 80));
        return StringMethods.of(value.text(arguments.meter()), "center").orElseThrow()
                .call(Arguments.of(arguments.run(), width));
    }

    private static Value indent(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("indent", "width", "first", "blank");
        Meter meter = arguments.meter();
        if (!(value instanceof Str text)) {
            throw unfit("indent", value, "a string");
        }
        Str indent = bound.get(0).orElse(Value.of(4)) instanceof Str given ? given
                : new TextBuilder(meter).repeat(Str.of(" "), bound.integer(0, 4)).build();
        TextBuilder out = new TextBuilder(meter);
        // A line end at the end begins no further line, but an empty text is one line.
        List<Value> lines = StringParts.lines(new TextBuilder(meter).append(text).append("\n").build(), false, meter);
        for (int i = 0; i < lines.size(); i++) {
            boolean indented = i == 0 ? bound.flag(1) : bound.flag(2) || lines.get(i).truth();
            out.append(i == 0 ? "" : "\n").append(indented ? indent : Str.EMPTY);
            lines.get(i).print(out);
        }
        return out.build().as(text);
    }

    /** For anything that has a length, as long as it is short; only texts can be cut. */
    private static Value truncate(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("truncate", "length", "killwords", "end", "leeway");
        Meter meter = arguments.meter();
        int length = bound.integer(0, 255);
        int leeway = bound.index(3, LEEWAY);
        Value end = bound.value(2, Str.of("..."));
        if (length < end.length() || leeway < 0) {
            throw new ChatTemplateException("truncate(): expected a length >= " + end.length() + " and a leeway >= 0");
        }
        if (value.length() <= (long) length + leeway) {
            return value;
        }
        if (value instanceof Listing list && end instanceof Listing tail && list.isTuple() == tail.isTuple()
                && bound.flag(1)) {
            return Operators.apply("+", Slices.of(value, None.NONE, Value.of(length - tail.length()), None.NONE, meter),
                    tail, arguments.run());
        }
        if (!(value instanceof Str text)) {
            throw unfit("truncate", value, "a string");
        }
        Str kept = text.slice(0, text.index(length - end.length()));
        int space = kept.string().lastIndexOf(' ');
        return Markup.plus(bound.flag(1) || space < 0 ? kept : kept.slice(0, space), bound.string(2, end), meter);
    }

    private static Value wordCount(Value value, Arguments arguments) {
        boolean within = false;
        int words = 0;
        for (int point : text("wordcount", value, arguments).string().codePoints().toArray()) {
            boolean word = Characters.isWord(point);
            words += word && !within ? 1 : 0;
            within = word;
        }
        return Value.of(words);
    }

    private static Value format(Value value, Arguments arguments) {
        if (!arguments.positional().isEmpty() && !arguments.named().isEmpty()) {
            throw new ChatTemplateException("format can't handle positional and keyword arguments at the same time");
        }
        Value operand = arguments.named().isEmpty()
                ? Listing.tuple(arguments.positional()) : Globals.dict(arguments);
        return PercentFormat.format(value.text(arguments.meter()), operand, arguments.meter());
    }

    private static Value otherwise(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("default", "default_value", "boolean");
        boolean replaced = value instanceof Undefined || bound.flag(1) && !value.truth();
        return replaced ? bound.value(0, Str.EMPTY) : value;
    }

    private static Value attribute(Value value, Arguments arguments) {
        Str name = arguments.bind("attr", "name").string(0);
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (Postfix.isHidden(name.string())) {
            return Undefined.unsafe(value, name.string());
        }
        return value.attribute(name.string()).orElseGet(() -> Undefined.of(value, name));
    }

    private static Value whole(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("int", "default", "base");
        Value otherwise = bound.value(0, Value.of(0));
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (value instanceof Num number) {
            if (number.isFloat() && Double.isInfinite(number.real())) {
                throw new ChatTemplateException("cannot convert float infinity to integer");
            }
            return number.isNan() ? otherwise : number.isFloat() ? Num.of(number.exact().toBigInteger())
                    : Num.of(number.whole());
        }
        if (!(value instanceof Str text)) {
            return otherwise;
        }
        String digits = StringParts.strip(text, Optional.empty(), true, true).string();
        long counted = Math.min(digits.length(), LONGEST_NUMBER);
        arguments.meter().spend(digits.length() + counted * counted / 256);
        Optional<Num> parsed = parse(digits, bound.integer(1, 10));
        if (parsed.isPresent()) {
            return parsed.get();
        }
        Optional<Double> real = real(digits).filter(Double::isFinite);
        return real.isPresent() ? Num.of(new BigDecimal(real.get()).toBigInteger()) : otherwise;
    }

    /** As {@code int(text, base)} reads it; base 0 is that of a literal. */
    private static Optional<Num> parse(String text, int base) {
        String digits = text.replaceFirst("^[+-]", "").toLowerCase(Locale.ROOT);
        int prefixed = digits.startsWith("0x") ? 16 : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 0;
        if (prefixed > 0 && (base == prefixed || base == 0)) {
            digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
        }
        int radix = base == 0 ? prefixed > 0 ? prefixed : 10 : base;
        boolean literal = base != 0 || prefixed > 0 || !digits.matches("0[0_]*[1-9].*");
        if (radix < 2 || radix > 36 || !literal || !DIGITS.matcher(digits).matches()
                || digits.length() > LONGEST_NUMBER) {
            return Optional.empty();
        }
        try {
            Num value = Num.of(new BigInteger(digits.replace("_", ""), radix));
            return Optional.of(text.startsWith("-") ? Num.of(value.whole().negate()) : value);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** A text as a number, as {@code int} or {@code float} of Python read it. */
    static Num number(Str text, boolean whole) {
        String digits = StringParts.strip(text, Optional.empty(), true, true).string();
        return (whole ? parse(digits, 10) : real(digits).map(Num::of)).orElseThrow(() ->
                new ChatTemplateException("a text that is to be formatted as a number is none"));
    }

    private static Optional<Double> real(String text) {
        Matcher matcher = REAL.matcher(text);
        if (!matcher.matches() || text.length() > LONGEST_NUMBER) {
            return Optional.empty();
        }
        String lower = text.toLowerCase(Locale.ROOT).replace("_", "");
        if (lower.endsWith("nan")) {
            return Optional.of(Double.NaN);
        }
        if (lower.contains("inf")) {
            return Optional.of(lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        return Optional.of(Double.parseDouble(lower));
    }

    private static Value real(Value value, Arguments arguments) {
        Value otherwise = arguments.bind("float", "default").value(0, Num.of(0.0));
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (value instanceof Num number) {
            return Num.of(number.operand());
        }
        arguments.meter().spend(value instanceof Str text ? text.string().length() : 0);
        return value instanceof Str text
                ? real(StringParts.strip(text, Optional.empty(), true, true).string()).<Value>map(Num::of)
                        .orElse(otherwise)
                : otherwise;
    }

    private static Value absolute(Value value, Arguments arguments) {
        Num number = number("abs", value);
        return number.isFloat() ? Num.of(Math.abs(number.real())) : Num.of(number.whole().abs());
    }

    private static Num number(String filter, Value value) {
        if (value instanceof Num number) {
            return number;
        }
        throw unfit(filter, value, "a number");
    }

    private static ChatTemplateException unfit(String filter, Value value, String allowed) {
        return value instanceof Undefined undefined ? undefined.failure()
                : new ChatTemplateException(filter + ": expected " + allowed + ", got " + value.type());
    }

    private static Value round(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("round", "precision", "method");
        Num number = number("round", value);
        int precision = bound.integer(0, 0);
        arguments.meter().spend(number.cost());
        if (Math.abs((long) precision) > 400) {
            throw new ChatTemplateException("round(): precision must be from -400 to 400, got " + precision);
        }
        String method = bound.get(1).isPresent() ? bound.string(1).string() : "common";
        if (number.isFloat() && !Double.isFinite(number.real())) {
            // Rounded to nothing behind the point, it would be a whole number.
            if (!method.equals("common")) {
                throw new ChatTemplateException("cannot convert float " + number + " to integer");
            }
            return number;
        }
        double scale = Math.pow(10, precision);
        return switch (method) {
            case "common" -> {
                BigDecimal rounded = number.exact().setScale(precision, RoundingMode.HALF_EVEN);
                yield number.isFloat() ? Num.of(Math.copySign(rounded.doubleValue(), number.real()))
                        : Num.of(precision >= 0 ? number.whole() : rounded.toBigInteger());
            }
            case "ceil" -> Num.of(Math.ceil(number.real() * scale) / scale);
            case "floor" -> Num.of(Math.floor(number.real() * scale) / scale);
            default -> throw new ChatTemplateException("round(): method must be common, ceil or floor, got " + method);
        };
    }

    private static Value length(Value value, Arguments arguments) {
        arguments.bind("length");
        return Value.of(value.length());
    }
}
