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
        return out.build();
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
        boolean mapping = operand instanceof Dict || operand instanceof Listing list && !list.isTuple();
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
            int close = format.string().indexOf(')', at);
            if (close < 0 || !(operand instanceof Dict dict)) {
                throw new ChatTemplateException("format requires a mapping");
            }
            Str key = format.slice(at + 1, close);
            value = dict.item(key).orElseThrow(() -> new ChatTemplateException("no value for '" + key + "'"));
            at = close + 1;
        }
        StringBuilder flags = new StringBuilder();
        while ("-+ 0#".indexOf(peek()) >= 0) {
            flags.append(peek());
            at++;
        }
        int width = number(0);
        int precision = -1;
        if (peek() == '.') {
            at++;
            precision = number(0);
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
            return next() instanceof Num number ? number.clamped() : otherwise;
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

    private void convert(Value value, char type, String flags, int width, int precision) {
        if (type == 's' || type == 'r') {
            TextBuilder text = new TextBuilder(out.meter());
            if (type == 's') {
                value.print(text);
            } else {
                value.repr(text);
            }
            Str whole = text.build();
            boolean cut = precision >= 0 && precision < whole.length();
            pad(Str.EMPTY, cut ? whole.slice(0, whole.index(precision)) : whole, flags.replace("0", ""), width);
        } else if (type == 'c') {
            // A character made of a number is no text of the template.
            Str character = value instanceof Num number ? Str.data(Character.toString(number.clamped() & 0x1FFFFF))
                    : value.text(out.meter());
            pad(Str.EMPTY, character, flags.replace("0", ""), width);
        } else if ("diuxXoeEfFgG".indexOf(type) >= 0) {
            if (!(value instanceof Num number) || "xXo".indexOf(type) >= 0 && number.isFloat()) {
                throw new ChatTemplateException("%" + type + " format: a number is required, not " + value.type());
            }
            char kind = type == 'i' || type == 'u' ? 'd' : type;
            String sign = NumberText.isNegative(number) && !(kind == 'd' && number.exact().toBigInteger().signum() == 0)
                    ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
            String prefix = flags.contains("#") && "xXo".indexOf(kind) >= 0 ? "0" + kind : "";
            pad(Str.of(sign + prefix), Str.of(NumberText.digits(number, kind, precision)), flags, width);
        } else {
            throw new ChatTemplateException("unsupported format character '" + type + "'");
        }
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
