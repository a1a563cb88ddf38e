package org.jformers.text.chat;

/** The methods of Python's strings that search in them. */
final class StringSearch {
    private StringSearch() {}

    /** The part of a text that {@code start} and {@code end}, the second and third argument, leave. */
    private record Within(Str text, int start, boolean exists) {
        static Within of(Str text, Arguments.Bound bound, Meter meter) {
            if (bound.some(1).isEmpty() && bound.some(2).isEmpty()) {
                return new Within(text, 0, true);
            }
            int length = text.length();
            int start = bound.index(1, 0);
            int from = Slices.clip(start, length);
            int to = Slices.clip(bound.index(2, length), length);
            boolean exists = start <= length && from <= to;
            meter.spendScan(exists ? to - from : 0);
            return new Within(exists ? text.slice(text.index(from), text.index(to)) : Str.EMPTY, from, exists);
        }

        String string() {
            return text.string();
        }
    }

    static Value begins(Str text, Arguments arguments, boolean front) {
        Arguments.Bound bound = arguments.bind(front ? "startswith" : "endswith", "prefix", "start", "end");
        Value prefix = bound.required(0);
        Within within = Within.of(text, bound, arguments.meter());
        if (prefix instanceof Listing list && list.isTuple()) {
            arguments.meter().spend(list.weight());
            for (Value one : list.elements()) {
                if (begins(within, bound.string(0, one), front)) {
                    return Num.TRUE;
                }
            }
            return Num.FALSE;
        }
        arguments.meter().spendScan(bound.string(0).string().length());
        return Value.of(begins(within, bound.string(0), front));
    }

    private static boolean begins(Within within, Str part, boolean front) {
        return within.exists && (front ? within.string().startsWith(part.string())
                : within.string().endsWith(part.string()));
    }

    static int find(String name, Str text, Arguments arguments, boolean last) {
        Arguments.Bound bound = arguments.bind(name, "sub", "start", "end");
        String part = bound.string(0).string();
        arguments.meter().spend(TextSearch.cost(text.string(), part));
        Within within = Within.of(text, bound, arguments.meter());
        if (!within.exists) {
            return -1;
        }
        int at = last ? TextSearch.backward(part).last(within.string(), within.string().length())
                : TextSearch.of(part).first(within.string(), 0);
        return at < 0 ? -1 : within.text.codePoints(at) + within.start;
    }

    static Value index(String name, Str text, Arguments arguments, boolean last) {
        int at = find(name, text, arguments, last);
        if (at < 0) {
            throw new ChatTemplateException("substring not found");
        }
        return Value.of(at);
    }

    static Value count(Str text, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("count", "sub", "start", "end");
        String part = bound.string(0).string();
        arguments.meter().spend(TextSearch.cost(text.string(), part));
        Within within = Within.of(text, bound, arguments.meter());
        if (part.isEmpty()) {
            return Value.of(within.exists ? within.text.length() + 1 : 0);
        }
        TextSearch search = TextSearch.of(part);
        int count = 0;
        for (int at = search.first(within.string(), 0); at >= 0;) {
            count++;
            at = search.first(within.string(), at + part.length());
        }
        return Value.of(count);
    }

    static Value replace(Str text, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", "old", "new", "count");
        Str replacement = text.isSafe() ? Markup.escape(bound.string(1), arguments.meter()) : bound.string(1);
        return replace(text, bound.string(0), replacement, bound.integer(2, -1), arguments.meter());
    }

    /** The text with every {@code old} replaced, or the first of them; a negative limit is none. */
    static Str replace(Str text, Str old, Str replacement, int limit, Meter meter) {
        TextBuilder out = new TextBuilder(meter);
        String string = text.string();
        String part = old.string();
        meter.spend(TextSearch.cost(string, part));
        TextSearch search = TextSearch.of(part);
        int from = 0;
        int done = 0;
        int at = search.first(string, 0);
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
            at = search.first(string, from);
        }
        return out.append(text, from, string.length()).build();
    }
}
