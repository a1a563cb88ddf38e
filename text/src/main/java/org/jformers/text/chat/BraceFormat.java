package org.jformers.text.chat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code text.format(...)}. */
final class BraceFormat {
    private static final Pattern SPEC = Pattern.compile(
            "(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\\d{1,8})?([,_])?(?:\\.(\\d{1,8}))?([a-zA-Z%])?", Pattern.DOTALL);
    private static final Pattern PART = Pattern.compile("\\.([^.\\[]+)|\\[([^\\]]+)\\]");

    private final Str format;
    private final Arguments arguments;
    private final TextBuilder out;
    private int automatic;

    private BraceFormat(Str format, Arguments arguments) {
        this.format = format;
        this.arguments = arguments;
        out = new TextBuilder(arguments.meter());
    }

    static Value format(Str format, Arguments arguments) {
        return new BraceFormat(format, arguments).run();
    }

    private Str run() {
        String string = format.string();
        int at = 0;
        while (at < string.length()) {
            char c = string.charAt(at);
            boolean doubled = at + 1 < string.length() && string.charAt(at + 1) == c;
            if (c != '{' && c != '}') {
                out.append(format, at, at + 1);
                at++;
            } else if (doubled) {
                out.append(format, at, at + 1);
                at += 2;
            } else if (c == '}') {
                throw new ChatTemplateException("single '}' encountered in format string");
            } else {
                int end = string.indexOf('}', at);
                if (end < 0 || string.substring(at + 1, end).contains("{")) {
                    throw new ChatTemplateException("format: expected '}' before the end of a plain field");
                }
                field(string.substring(at + 1, end));
                at = end + 1;
            }
        }
        return out.build();
    }

    private void field(String field) {
        int colon = field.indexOf(':');
        String spec = colon < 0 ? "" : field.substring(colon + 1);
        String name = colon < 0 ? field : field.substring(0, colon);
        int bang = name.indexOf('!');
        String conversion = bang < 0 ? "" : name.substring(bang + 1);
        Value value = lookUp(bang < 0 ? name : name.substring(0, bang));
        if (conversion.equals("r")) {
            TextBuilder text = new TextBuilder(out.meter());
            value.repr(text);
            value = text.build();
        } else if (conversion.equals("s")) {
            value = value.text(out.meter());
        } else if (!conversion.isEmpty()) {
            throw new ChatTemplateException("format: unknown conversion '" + conversion + "'");
        }
        if (spec.isEmpty()) {
            value.print(out);
        } else {
            format(value, spec);
        }
    }

    private Value lookUp(String name) {
        int end = 0;
        while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
            end++;
        }
        Value value = first(name.substring(0, end));
        Matcher part = PART.matcher(name).region(end, name.length());
        while (part.lookingAt()) {
            if (part.group(1) != null) {
                value = Postfix.attribute(value, part.group(1));
            } else {
                String key = part.group(2);
                boolean number = key.length() < 10 && key.chars().allMatch(Character::isDigit);
                value = Postfix.item(value, number ? Value.of(Integer.parseInt(key)) : Str.of(key));
            }
            part.region(part.end(), name.length());
        }
        return value;
    }

    private Value first(String name) {
        boolean number = name.length() < 10 && name.chars().allMatch(Character::isDigit);
        if (!number) {
            Value value = arguments.named().get(name);
            if (value == null) {
                throw new ChatTemplateException("format: no argument '" + name + "'");
            }
            return value;
        }
        int index = name.isEmpty() ? automatic++ : Integer.parseInt(name);
        if (index >= arguments.positional().size()) {
            throw new ChatTemplateException("format: no argument " + index);
        }
        return arguments.positional().get(index);
    }

    private void format(Value value, String spec) {
        Matcher matcher = SPEC.matcher(spec);
        if (!matcher.matches()) {
            throw new ChatTemplateException("invalid format specifier '" + spec + "'");
        }
        int width = matcher.group(6) == null ? 0 : Integer.parseInt(matcher.group(6));
        int precision = matcher.group(8) == null ? -1 : Integer.parseInt(matcher.group(8));
        char type = matcher.group(9) == null ? ' ' : matcher.group(9).charAt(0);
        String fill = matcher.group(1) != null ? matcher.group(1) : matcher.group(5) != null ? "0" : " ";
        boolean number = value instanceof Num;
        String align = matcher.group(2) != null ? matcher.group(2)
                : matcher.group(5) != null && number ? "=" : number ? ">" : "<";
        if (value instanceof Num given) {
            String sign = NumberText.isNegative(given) ? "-"
                    : matcher.group(3) == null || matcher.group(3).equals("-") ? "" : matcher.group(3);
            String digits = digits(given, type, precision);
            if (matcher.group(7) != null) {
                digits = grouped(digits, matcher.group(7));
            }
            String prefix = matcher.group(4) != null && "xXob".indexOf(type) >= 0 ? "0" + type : "";
            pad(Str.of(sign + prefix), Str.of(digits), fill, align, width);
            return;
        }
        if (!(value instanceof Str text) || type != ' ' && type != 's' || align.equals("=")) {
            throw new ChatTemplateException("unsupported format specifier '" + spec + "' for " + value.type());
        }
        Str cut = precision >= 0 && precision < text.length() ? text.slice(0, text.index(precision)) : text;
        pad(Str.EMPTY, cut, fill, align, width);
    }

    private static String digits(Num number, char type, int precision) {
        if (type == ' ' && !number.isFloat()) {
            return NumberText.digits(number, 'd', -1);
        }
        if (type == ' ' && precision < 0) {
            return Num.shortest(Math.abs(number.real()));
        }
        if (type == ' ') {
            String digits = NumberText.digits(number, 'g', precision);
            return digits.contains(".") || digits.contains("e") ? digits : digits + ".0";
        }
        boolean whole = "dxXob".indexOf(type) >= 0;
        if ("dxXobeEfFgG%".indexOf(type) < 0 || whole && number.isFloat()) {
            throw new ChatTemplateException("unknown format code '" + type + "' for " + number.type());
        }
        return NumberText.digits(number, type, precision);
    }

    private static String grouped(String digits, String separator) {
        int end = 0;
        while (end < digits.length() && Character.isDigit(digits.charAt(end))) {
            end++;
        }
        StringBuilder whole = new StringBuilder(digits.substring(0, end));
        for (int i = end - 3; i > 0; i -= 3) {
            whole.insert(i, separator);
        }
        return whole + digits.substring(end);
    }

    private void pad(Str sign, Str text, String fill, String align, int width) {
        int missing = Math.max(0, width - sign.length() - text.length());
        int left = switch (align) {
            case "<" -> 0;
            case "^" -> missing / 2;
            default -> missing;
        };
        Str filler = Str.of(fill);
        if (align.equals("=")) {
            out.append(sign).repeat(filler, missing).append(text);
            return;
        }
        out.repeat(filler, left).append(sign).append(text).repeat(filler, missing - left);
    }
}
