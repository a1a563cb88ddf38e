package org.jformers.text.chat;

import java.util.List;
import java.util.Set;

/** What is different with texts that the filters {@code safe} and {@code escape} made. */
final class Markup {
    private static final String SPECIAL = "&<>'\"";
    private static final List<String> ESCAPED = List.of("&amp;", "&lt;", "&gt;", "&#39;", "&#34;");

    /** Methods of texts whose results are safe again. */
    private static final Set<String> KEEPING = Set.of(
            "capitalize", "title", "lower", "upper", "replace", "ljust", "rjust", "lstrip", "rstrip", "center",
            "strip", "translate", "expandtabs", "swapcase", "zfill", "casefold", "removeprefix", "removesuffix",
            "partition", "rpartition", "split", "rsplit", "splitlines", "join", "format", "format_map");

    private Markup() {}

    /** A value as safe text: itself if it is that already, otherwise with the characters of web pages replaced. */
    static Str escape(Value value, Meter meter) {
        return value instanceof Str text && text.isSafe() ? text : escapeAgain(value.text(meter), meter);
    }

    static Str escapeAgain(Str text, Meter meter) {
        TextBuilder out = new TextBuilder(meter);
        String string = text.string();
        meter.spend(string.length());
        int from = 0;
        for (int i = 0; i < string.length(); i++) {
            int special = SPECIAL.indexOf(string.charAt(i));
            if (special >= 0) {
                out.append(text, from, i).appendAs(ESCAPED.get(special), text, i);
                from = i + 1;
            }
        }
        return out.append(text, from, string.length()).build().safe();
    }

    /** {@code left + right}, where either is safe. */
    static Str plus(Str left, Str right, Meter meter) {
        boolean safe = left.isSafe() || right.isSafe();
        TextBuilder out = new TextBuilder(meter)
                .append(safe ? escape(left, meter) : left).append(safe ? escape(right, meter) : right);
        return safe ? out.build().safe() : out.build();
    }

    /** What a method of a text gave, as the text is: safe where it is and the method keeps that. */
    static Value result(Str text, String method, Value result) {
        if (!text.isSafe() || !KEEPING.contains(method)) {
            return result;
        }
        if (result instanceof Str string) {
            return string.safe();
        }
        return result instanceof Listing list
                ? list.with(list.elements().stream().<Value>map(part -> ((Str) part).safe()).toList()) : result;
    }
}
