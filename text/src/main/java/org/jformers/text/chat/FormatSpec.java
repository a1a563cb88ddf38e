package org.jformers.text.chat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How Python's {@code format(value, spec)} writes a value:
 * {@code [[fill]align][sign][#][0][width][,][.precision][type]}.
 */
final class FormatSpec {
    private static final Pattern SPEC = Pattern.compile(
            "(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\\d{1,8})?([,_])?(?:\\.(\\d{1,8}))?([a-zA-Z%])?", Pattern.DOTALL);
    private static final int THOUSAND = 3;
    private static final int BITS = 4;

    private final Matcher spec;
    private final int width;
    private final int precision;
    private final char type;

    private FormatSpec(String text) {
        spec = SPEC.matcher(text);
        if (!spec.matches()) {
            throw new ChatTemplateException("invalid format specifier");
        }
        width = spec.group(6) == null ? 0 : Integer.parseInt(spec.group(6));
        precision = spec.group(8) == null ? -1 : Integer.parseInt(spec.group(8));
        type = spec.group(9) == null ? ' ' : spec.group(9).charAt(0);
    }

    static Str format(Value value, String text, Meter meter) {
        FormatSpec spec = new FormatSpec(text);
        if (value instanceof Num number) {
            return spec.number(number, meter);
        }
        if (value instanceof Str string) {
            return spec.string(string, meter);
        }
        throw new ChatTemplateException("unsupported format string passed to " + value.type() + ".__format__");
    }

    private boolean has(int group) {
        return spec.group(group) != null;
    }

    private Str string(Str text, Meter meter) {
        boolean fits = (type == ' ' || type == 's') && !has(3) && !has(4) && !has(7);
        String align = has(2) ? spec.group(2) : "<";
        if (!fits || align.equals("=")) {
            throw new ChatTemplateException("unsupported format specifier for str");
        }
        Str cut = precision >= 0 && precision < text.length() ? text.slice(0, text.index(precision)) : text;
        return pad(Str.EMPTY, cut, align, meter);
    }

    private Str number(Num number, Meter meter) {
        boolean whole = " dxXobnc".indexOf(type) >= 0 && !number.isFloat();
        boolean real = " eEfFgGn%".indexOf(type) >= 0;
        String separator = has(7) ? spec.group(7) : "";
        boolean groups = separator.isEmpty() || type != 'n' && type != 'c'
                && (!separator.equals(",") || "xXob".indexOf(type) < 0);
        boolean other = type == 'c' && (has(3) || has(4)) || has(4) && !whole || whole && precision >= 0;
        if (!whole && !real || !groups || other) {
            throw new ChatTemplateException("unsupported format specifier for " + number.type());
        }
        meter.spend(number.cost() + Math.max(0, precision));
        if (type == 'c') {
            return pad(Str.EMPTY, PercentFormat.character(number), has(2) ? spec.group(2) : "<", meter);
        }
        String sign = NumberText.isNegative(number) ? "-" : has(3) && !spec.group(3).equals("-") ? spec.group(3) : "";
        String prefix = has(4) && "xXob".indexOf(type) >= 0 ? "0" + type : "";
        String align = has(2) ? spec.group(2) : has(5) ? "=" : ">";
        String digits = digits(number, whole);
        if (!separator.isEmpty()) {
            boolean zeros = align.equals("=") && fill().equals("0");
            meter.room(zeros ? width : 0);
            meter.spend(zeros ? width : 0);
            digits = grouped(digits, separator, "xXob".indexOf(type) >= 0 ? BITS : THOUSAND,
                    zeros ? width - sign.length() - prefix.length() : 0);
        }
        return pad(Str.of(sign + prefix), Str.of(digits), align, meter);
    }

    private String digits(Num number, boolean whole) {
        if (whole) {
            return NumberText.digits(number, type == ' ' || type == 'n' ? 'd' : type, -1);
        }
        double real = number.operand();
        if (type == ' ' && (precision < 0 || !Double.isFinite(real))) {
            return Num.shortest(Math.abs(real));
        }
        if (type == ' ') {
            String digits = NumberText.digits(number, 'g', precision);
            return digits.contains(".") || digits.contains("e") ? digits : digits + ".0";
        }
        return NumberText.digits(number, type == 'n' ? 'g' : type, precision);
    }

    /** The digits before the point in groups; with zeros before them until they have a width. */
    private static String grouped(String digits, String separator, int size, int width) {
        int end = 0;
        while (end < digits.length() && Character.digit(digits.charAt(end), 16) >= 0) {
            end++;
        }
        String rest = digits.substring(end);
        StringBuilder out = new StringBuilder();
        int count = 0;
        for (int i = end - 1; i >= 0 || out.length() + rest.length() < width; i--) {
            if (count > 0 && count % size == 0) {
                out.append(separator);
            }
            out.append(i >= 0 ? digits.charAt(i) : '0');
            count++;
        }
        return out.reverse() + rest;
    }

    private String fill() {
        return has(1) ? spec.group(1) : has(5) ? "0" : " ";
    }

    private Str pad(Str sign, Str text, String align, Meter meter) {
        TextBuilder out = new TextBuilder(meter);
        int missing = Math.max(0, width - sign.length() - text.length());
        int left = switch (align) {
            case "<" -> 0;
            case "^" -> missing / 2;
            default -> missing;
        };
        Str filler = Str.of(fill());
        if (align.equals("=")) {
            return out.append(sign).repeat(filler, missing).append(text).build();
        }
        return out.repeat(filler, left).append(sign).append(text).repeat(filler, missing - left).build();
    }
}
