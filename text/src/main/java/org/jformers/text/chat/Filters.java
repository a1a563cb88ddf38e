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

    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d+(?:_\\d+)*+");
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
            Map.entry("safe", (value, in) -> text("safe", value, in)),
            Map.entry("escape", Filters::escape),
            Map.entry("e", Filters::escape),
            Map.entry("forceescape", Filters::escape),
            Map.entry("replace", Filters::replace),
            Map.entry("center", Filters::center),
            Map.entry("indent", Filters::indent),
            Map.entry("truncate", Filters::truncate),
            Map.entry("wordcount", Filters::wordCount),
            Map.entry("format", Filters::format),
            Map.entry("tojson", JsonWriter::write),
            Map.entry("pprint", Filters::represent),
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
        arguments.meter().spend(value.weight());
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
        return StringMethods.strip(
                value.text(arguments.meter()), bound.some(0).map(chars -> bound.string(0).string()), true, true);
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
        return text.spelled(out.toString());
    }

    private static Value escape(Value value, Arguments arguments) {
        Str text = text("escape", value, arguments);
        TextBuilder out = new TextBuilder(arguments.meter());
        for (int i = 0; i < text.string().length(); i++) {
            int special = "&<>'\"".indexOf(text.string().charAt(i));
            if (special < 0) {
                out.append(text, i, i + 1);
            } else {
                out.appendAs(List.of("&amp;", "&lt;", "&gt;", "&#39;", "&#34;").get(special), text, i);
            }
        }
        return out.build();
    }

    private static Value replace(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", "old", "new", "count");
        Str old = bound.required(0).text(arguments.meter());
        Str replacement = bound.required(1).text(arguments.meter());
        int limit = bound.some(2).isPresent() ? bound.integer(2, -1) : -1;
        return StringMethods.replace(value.text(arguments.meter()), old, replacement, limit, arguments.meter());
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
        List<Value> lines = StringMethods.lines(new TextBuilder(meter).append(text).append("\n").build(), false);
        for (int i = 0; i < lines.size(); i++) {
            boolean indented = i == 0 ? bound.flag(1) : bound.flag(2) || lines.get(i).truth();
            out.append(i == 0 ? "" : "\n").append(indented ? indent : Str.EMPTY);
            lines.get(i).print(out);
        }
        return out.build();
    }

    private static Value truncate(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("truncate", "length", "killwords", "end", "leeway");
        if (!(value instanceof Str text)) {
            throw unfit("truncate", value, "a string");
        }
        int length = bound.integer(0, 255);
        int leeway = bound.some(3).isPresent() ? bound.integer(3, LEEWAY) : LEEWAY;
        Str end = bound.get(2).isPresent() ? bound.string(2) : Str.of("...");
        if (length < end.length() || leeway < 0) {
            throw new ChatTemplateException("truncate(): expected a length >= " + end.length() + " and a leeway >= 0");
        }
        if (text.length() <= (long) length + leeway) {
            return text;
        }
        Str kept = text.slice(0, text.index(length - end.length()));
        int space = kept.string().lastIndexOf(' ');
        return new TextBuilder(arguments.meter())
                .append(bound.flag(1) || space < 0 ? kept : kept.slice(0, space)).append(end).build();
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

    private static Value represent(Value value, Arguments arguments) {
        TextBuilder out = new TextBuilder(arguments.meter());
        value.repr(out);
        return out.build();
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
        return value.attribute(name.string()).orElseGet(() -> Undefined.of(value, name));
    }

    private static Value whole(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("int", "default", "base");
        Value otherwise = bound.value(0, Value.of(0));
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (value instanceof Num number) {
            boolean finite = !number.isFloat() || Double.isFinite(number.real());
            return finite ? Num.of(number.exact().toBigInteger()) : otherwise;
        }
        if (!(value instanceof Str text)) {
            return otherwise;
        }
        String digits = StringMethods.strip(text, Optional.empty(), true, true).string();
        Optional<Num> parsed = parse(digits, bound.integer(1, 10));
        if (parsed.isPresent()) {
            return parsed.get();
        }
        Optional<Double> real = real(digits).filter(Double::isFinite);
        return real.isPresent() ? Num.of(new BigDecimal(real.get()).toBigInteger()) : otherwise;
    }

    private static Optional<Num> parse(String text, int base) {
        String digits = text.replaceFirst("^[+-]", "").toLowerCase(Locale.ROOT);
        String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
        if (!prefix.isEmpty() && digits.startsWith(prefix)) {
            digits = digits.substring(2);
        }
        if (base == 10 && !WHOLE.matcher(text).matches() || digits.length() > LONGEST_NUMBER) {
            return Optional.empty();
        }
        if (base < 2 || base > 36) {
            throw new ChatTemplateException("int(): base must be from 2 to 36, got " + base);
        }
        try {
            BigInteger value = new BigInteger(digits.replace("_", ""), base);
            return Optional.of(Num.of(text.startsWith("-") ? value.negate() : value));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
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
            return Num.of(number.real());
        }
        return value instanceof Str text
                ? real(StringMethods.strip(text, Optional.empty(), true, true).string()).<Value>map(Num::of)
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
        if (Math.abs((long) precision) > 400) {
            throw new ChatTemplateException("round(): precision must be from -400 to 400, got " + precision);
        }
        String method = bound.get(1).isPresent() ? bound.string(1).string() : "common";
        if (number.isFloat() && !Double.isFinite(number.real())) {
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
