package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** The methods of Python's strings that cut them. */
final class StringParts {
    private StringParts() {}

    static Value strip(Str text, Arguments arguments, boolean left, boolean right) {
        Arguments.Bound bound = arguments.bindUnnamed("strip", "chars");
        Optional<String> characters = bound.some(0).map(value -> bound.string(0, value).string());
        return strip(text, characters, left, right, arguments.meter());
    }

    /** The same, paid for. */
    static Str strip(Str text, Optional<String> characters, boolean left, boolean right, Meter meter) {
        Str kept = strip(text, characters, left, right);
        meter.spend(characters.map(String::length).orElse(0) + text.string().length() - kept.string().length());
        meter.spendScan(kept.string().length());
        return kept;
    }

    static Str strip(Str text, Optional<String> characters, boolean left, boolean right) {
        IntPredicate goes = characters.<IntPredicate>map(set -> {
            Set<Integer> points = set.codePoints().boxed().collect(Collectors.toSet());
            return points::contains;
        }).orElse(Characters::isSpace);
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

    static Value split(Str text, Arguments arguments, boolean fromRight) {
        Arguments.Bound bound = arguments.bind("split", "sep", "maxsplit");
        int limit = bound.integer(1, -1);
        List<Value> parts = bound.some(0).isEmpty()
                ? splitBlanks(text, limit, fromRight, arguments.meter())
                : splitAt(text, bound.string(0).string(), limit, fromRight, arguments.meter());
        return Listing.list(parts);
    }

    private static List<Value> splitAt(Str text, String separator, int limit, boolean fromRight, Meter meter) {
        requireSeparator(separator);
        meter.spend(TextSearch.cost(text.string(), separator));
        String string = text.string();
        List<Value> parts = new ArrayList<>();
        if (!fromRight) {
            TextSearch search = TextSearch.of(separator);
            int from = 0;
            for (int at = search.first(string, 0); at >= 0 && parts.size() != limit;) {
                meter.spendElements(2);
                parts.add(text.slice(from, at));
                from = at + separator.length();
                at = search.first(string, from);
            }
            parts.add(text.slice(from));
            return parts;
        }
        TextSearch search = TextSearch.backward(separator);
        int to = string.length();
        for (int at = search.last(string, to); at >= 0 && parts.size() != limit;) {
            meter.spendElements(2);
            parts.add(text.slice(at + separator.length(), to));
            to = at;
            at = search.last(string, to);
        }
        parts.add(text.slice(0, to));
        Collections.reverse(parts);
        return parts;
    }

    private static void requireSeparator(String separator) {
        if (separator.isEmpty()) {
            throw new ChatTemplateException("empty separator");
        }
    }

    private static List<Value> splitBlanks(Str text, int limit, boolean fromRight, Meter meter) {
        String string = text.string();
        meter.spend(string.length());
        List<Value> parts = new ArrayList<>();
        int from = 0;
        int to = string.length();
        while (true) {
            while (fromRight && to > from && Characters.isSpace(string.charAt(to - 1))) {
                to--;
            }
            while (!fromRight && from < to && Characters.isSpace(string.charAt(from))) {
                from++;
            }
            if (from == to) {
                break;
            }
            if (parts.size() == limit) {
                parts.add(text.slice(from, to));
                break;
            }
            int cut = fromRight ? to : from;
            while (fromRight && cut > from && !Characters.isSpace(string.charAt(cut - 1))) {
                cut--;
            }
            while (!fromRight && cut < to && !Characters.isSpace(string.charAt(cut))) {
                cut++;
            }
            meter.spendElements(2);
            parts.add(fromRight ? text.slice(cut, to) : text.slice(from, cut));
            from = fromRight ? from : cut;
            to = fromRight ? cut : to;
        }
        if (fromRight) {
            Collections.reverse(parts);
        }
        return parts;
    }

    static Value splitLines(Str text, Arguments arguments) {
        boolean keep = arguments.bind("splitlines", "keepends").flag(0);
        List<Value> lines = lines(text, keep, arguments.meter());
        return Listing.list(lines);
    }

    static List<Value> lines(Str text, boolean keep, Meter meter) {
        String string = text.string();
        List<Value> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < string.length(); i++) {
            if (Characters.isLineEnd(string.charAt(i))) {
                int end = string.startsWith("\r\n", i) ? i + 2 : i + 1;
                meter.spendElements(2);
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

    static Value partition(Str text, Arguments arguments, boolean last) {
        String separator = arguments.bindUnnamed("partition", "sep").string(0).string();
        requireSeparator(separator);
        arguments.meter().spend(TextSearch.cost(text.string(), separator));
        int at = last ? TextSearch.backward(separator).last(text.string(), text.string().length())
                : TextSearch.of(separator).first(text.string(), 0);
        if (at < 0) {
            return last ? Listing.tuple(Str.EMPTY, Str.EMPTY, text) : Listing.tuple(text, Str.EMPTY, Str.EMPTY);
        }
        int end = at + separator.length();
        return Listing.tuple(text.slice(0, at), text.slice(at, end), text.slice(end));
    }

    static Value removePrefix(Str text, Arguments arguments) {
        String prefix = arguments.bindUnnamed("removeprefix", "prefix").string(0).string();
        return text.string().startsWith(prefix) ? text.slice(prefix.length()) : text;
    }

    static Value removeSuffix(Str text, Arguments arguments) {
        String suffix = arguments.bindUnnamed("removesuffix", "suffix").string(0).string();
        return text.string().endsWith(suffix) ? text.slice(0, text.string().length() - suffix.length()) : text;
    }
}
