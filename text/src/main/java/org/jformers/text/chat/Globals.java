package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template can name. */
final class Globals {

    /** Elements to pay for each character of a time's format. */
    private static final int ELEMENTS_PER_DIRECTIVE = 10;

    private Globals() {}

    static void define(Scope scope) {
        add(scope, "raise_exception", "<function raise_exception>", arguments -> {
            throw new ChatTemplateException(
                    arguments.bind("raise_exception", "message").printed(0, Str.EMPTY).string());
        });
        add(scope, "strftime_now", "<function strftime_now>", arguments -> {
            Str format = arguments.bind("strftime_now", "format").string(0);
            arguments.meter().spendElements(ELEMENTS_PER_DIRECTIVE * (long) format.string().length());
            return format.spelled(TimeFormat.format(format.string(), arguments.run().now()));
        });
        add(scope, "range", "<function safe_range at " + Value.ADDRESS + ">", Globals::range);
        add(scope, "dict", "<class 'dict'>", Globals::dict);
        add(scope, "namespace", "<class 'jinja2.utils.Namespace'>", arguments -> {
            arguments.meter().spendHolder();
            return new Namespace(new LinkedHashMap<>(dict(arguments).entries()));
        });
        add(scope, "cycler", "<class 'jinja2.utils.Cycler'>", arguments -> {
            arguments.unnamed("cycler");
            arguments.meter().spendHolder();
            return new Cycler(arguments.positional());
        });
        add(scope, "joiner", "<class 'jinja2.utils.Joiner'>", arguments -> {
            Str separator = arguments.bind("joiner", "sep").printed(0, Str.of(", "));
            boolean[] used = new boolean[1];
            return Function.shownAs("<jinja2.utils.Joiner object at " + Value.ADDRESS + ">", call -> {
                boolean first = !used[0];
                used[0] = true;
                return first ? Str.EMPTY : separator;
            });
        });
    }

    private static void add(Scope scope, String name, String shown, Function.Body body) {
        scope.set(name, Function.shownAs(shown, body));
    }

    private static Value range(Arguments arguments) {
        List<Value> given = arguments.positional();
        Arguments.Bound bound = arguments.bindUnnamed("range", "start", "stop", "step");
        bound.required(0);
        long first = whole(bound, 0);
        return given.size() == 1 ? Range.of(0, first, 1)
                : Range.of(first, whole(bound, 1), given.size() == 2 ? 1 : whole(bound, 2));
    }

    private static long whole(Arguments.Bound bound, int parameter) {
        return bound.integer(parameter, 0);
    }

    /** Python's {@code dict}: of a mapping or of pairs, and of named arguments. */
    static Dict dict(Arguments arguments) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        if (arguments.positional().size() > 1) {
            throw new ChatTemplateException("dict expected at most 1 argument, got " + arguments.positional().size());
        }
        for (Value value : arguments.positional()) {
            if (value instanceof Dict dict) {
                entries.putAll(dict.entries());
                continue;
            }
            value.iterator().forEachRemaining(pair -> {
                List<Value> parts = new ArrayList<>();
                Iterator<Value> rest = pair.iterator();
                while (rest.hasNext() && parts.size() <= 2) {
                    parts.add(rest.next());
                }
                if (parts.size() != 2) {
                    throw new ChatTemplateException("dict: expected pairs of a key and a value");
                }
                arguments.meter().spendElements(2);
                arguments.meter().spend(parts.get(0).weight());
                entries.put(Dict.requireHashable(parts.get(0)), parts.get(1));
            });
        }
        arguments.named().forEach((name, value) -> entries.put(Str.of(name), value));
        arguments.meter().spendElements(entries.size());
        return new Dict(entries);
    }
}
