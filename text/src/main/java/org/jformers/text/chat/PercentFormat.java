package org.jformers.text.chat;

import java.util.List;

/** Python's {@code text % values}. */
final class PercentFormat {
    private final Str format;
    private final Value operand;
    private final List<Value> values;
    private final TextBuilder out;
    private int next;
    private int at;

    private PercentFormat(Str format, Value operand, TextBuilder out) {
        this.format = format;
        this.operand = operand;
        values = operand instanceof Listing list && list.isTuple() ? list.elements() : List.of(operand);
        this.out = out;
    }

    static Str format(Str format, Value operand, Meter meter) {
        TextBuilder out = new TextBuilder(meter);
        new PercentFormat(format, operand, out).run();
        return out.build().as(format);
    }

    private void run() {
        String string = format.string();
        while (at < string.length()) {
            int percent = string.indexOf('%', at);
            if (percent < 0) {
                out.append(format.slice(at));
                break;
            }
            out.append(format, at, percent);
            at = percent + 1;
            directive();
        }
        boolean mapping = operand instanceof Dict || operand instanceof Listing list && !list.isTuple()
                || operand instanceof Range || operand instanceof Undefined || operand instanceof Bytes;
        if (next < values.size() && !mapping) {
            throw new ChatTemplateException("not all arguments converted during string formatting");
        }
    }

    private char peek() {
        if (at >= format.string().length()) {
            throw new ChatTemplateException("incomplete format");
        }
        return format.string().charAt(at);
    }

    private Value next() {
        if (next >= values.size()) {
            throw new ChatTemplateException("not enough arguments for format string");
        }
        return values.get(next++);
    }

    private void directive() {
        boolean named = peek() == '(';
        Value value = None.NONE;
        if (named) {
            int close = close();
            if (operand instanceof Undefined undefined) {
                throw undefined.failure();
            }
            if (close < 0 || !(operand instanceof Dict dict)) {
                throw new ChatTemplateException("format requires a mapping");
            }
            Str key = format.slice(at + 1, close);
            value = dict.item(key).orElseThrow(() -> new ChatTemplateException("format: the mapping lacks a key"));
            at = close + 1;
        }
        StringBuilder flags = new StringBuilder();
        while ("-+ 0#".indexOf(peek()) >= 0) {
            flags.append(peek());
            at++;
        }
        int width = number(0);
        if (width < 0) {
            flags.append('-');
            width = -width;
        }
        int precision = -1;
        if (peek() == '.') {
            at++;
            precision = Math.max(0, number(0));
        }
        if ("hlL".indexOf(peek()) >= 0) {
            at++;
        }
        char type = peek();
        at++;
        if (type == '%') {
            out.append("%");
            return;
        }
        value = named ? value : next();
        if (value instanceof Undefined undefined && "sra".indexOf(type) < 0) {
            throw undefined.failure();
        }
        convert(value, type, flags.toString(), width, precision);
    }

    private int number(int otherwise) {
        if (peek() == '*') {
            at++;
            if (next() instanceof Num number && !number.isFloat()) {
                return number.clamped();
            }
            throw new ChatTemplateException("* wants int");
        }
        int from = at;
        while (Character.isDigit(peek())) {
            at++;
        }
        if (at - from > 8) {
            throw new ChatTemplateException("format: width or precision too big");
        }
        return at == from ? otherwise : Integer.parseInt(format.string().substring(from, at));
    }

    /** The bracket that closes a key; those within it are in pairs. */
    private int close() {
        int depth = 0;
        for (int i = at; i < format.string().length(); i++) {
            char c = format.string().charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return -1;
    }

    private void convert(Value value, char type, String flags, int width, int precision) {
        if (type == 's' || type == 'r' || type == 'a') {
            Str whole = text(value, type);
            boolean cut = precision >= 0 && precision < whole.length();
            pad(Str.EMPTY, cut ? whole.slice(0, whole.index(precision)) : whole, flags.replace("0", ""), width);
        } else if (type == 'c' && !format.isSafe()) {
            if (!(value instanceof Num) && (!(value instanceof Str text) || text.length() != 1)) {
                throw new ChatTemplateException("%c requires int or char");
            }
            Str character = value instanceof Num number ? character(number) : (Str) value;
            pad(Str.EMPTY, character, flags.replace("0", ""), width);
        } else if ("diuxXoeEfFgG".indexOf(type) >= 0) {
            number(numberOf(value, type), type == 'i' || type == 'u' ? 'd' : type, flags, width, precision);
        } else {
            throw new ChatTemplateException("unsupported format character '" + type + "'");
        }
    }

    private Str text(Value value, char type) {
        Meter meter = out.meter();
        if (type == 's') {
            return format.isSafe() ? Markup.escape(value, meter) : value.text(meter);
        }
        TextBuilder shown = new TextBuilder(meter);
        value.repr(shown);
        Str text = format.isSafe() ? Markup.escapeAgain(shown.build(), meter) : shown.build();
        return type == 'a' ? Characters.ascii(text, meter) : text;
    }

    /** A character by its number, which is no text of the template. */
    static Str character(Num number) {
        if (number.isFloat() || number.clamped() < 0 || number.clamped() > Character.MAX_CODE_POINT) {
            throw new ChatTemplateException("%c arg not in range(0x110000)");
        }
        return Str.data(Character.toString(number.clamped()));
    }

    private Num numberOf(Value value, char type) {
        if (format.isSafe() && value instanceof Str text && "xXo".indexOf(type) < 0) {
            // What is formatted into safe text is wrapped; the wrapper turns texts into numbers, as the filters do.
            return Filters.number(text, "diu".indexOf(type) >= 0);
        }
        boolean index = "xXo".indexOf(type) >= 0;
        if (!(value instanceof Num number) || index && (number.isFloat() || format.isSafe())) {
            throw new ChatTemplateException("%" + type + " format: a number is required, not " + value.type());
        }
        if ("diu".indexOf(type) >= 0 && number.isFloat() && !Double.isFinite(number.real())) {
            throw new ChatTemplateException("cannot convert float " + number + " to integer");
        }
        return number;
    }

    private void number(Num number, char kind, String flags, int width, int precision) {
        out.meter().spend(number.cost() + Math.max(0, precision));
        boolean whole = "dxXo".indexOf(kind) >= 0;
        String sign = NumberText.isNegative(number) && !(kind == 'd' && number.exact().toBigInteger().signum() == 0)
                ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
        String prefix = flags.contains("#") && "xXo".indexOf(kind) >= 0 ? "0" + kind : "";
        String digits = NumberText.digits(number, kind, precision);
        int zeros = whole ? Math.max(0, precision - digits.length()) : 0;
        if (zeros > NumberText.MOST_DIGITS) {
            throw new ChatTemplateException("format: precision must be <= " + NumberText.MOST_DIGITS);
        }
        pad(Str.of(sign + prefix), Str.of("0".repeat(zeros) + digits), flags, width);
    }

    private void pad(Str sign, Str text, String flags, int width) {
        int missing = Math.max(0, width - sign.length() - text.length());
        boolean left = flags.contains("-");
        boolean zeros = flags.contains("0") && !left;
        out.repeat(Str.of(" "), left || zeros ? 0 : missing).append(sign)
                .repeat(Str.of("0"), zeros ? missing : 0).append(text)
                .repeat(Str.of(" "), left ? missing : 0);
    }
}
