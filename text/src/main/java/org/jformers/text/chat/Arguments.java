package org.jformers.text.chat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a call.
 *
 * @param positional those without a name
 * @param named those with a name, in order
 * @param run the rendering that calls
 */
record Arguments(List<Value> positional, Map<String, Value> named, Run run) {

    Meter meter() {
        return run.meter();
    }

    static Arguments of(Run run, Value... positional) {
        return new Arguments(List.of(positional), Map.of(), run);
    }

    /** All but the first. */
    Arguments rest() {
        return new Arguments(positional.subList(1, positional.size()), named, run);
    }

    /** Refuses arguments with names. */
    void unnamed(String function) {
        if (!named.isEmpty()) {
            throw new ChatTemplateException(function + "() takes no keyword arguments");
        }
    }

    /** As {@link #bind}, but for parameters that have no names in Python. */
    Bound bindUnnamed(String function, String... parameters) {
        unnamed(function);
        return bind(function, parameters);
    }

    /** The one argument of a function. */
    Value only(String function) {
        return bindUnnamed(function, "value").required(0);
    }

    /** Matches the arguments with the names of parameters, as Python does. */
    Bound bind(String function, String... parameters) {
        if (positional.size() > parameters.length) {
            throw new ChatTemplateException(function + "() takes at most " + parameters.length + " arguments, got "
                    + positional.size());
        }
        @Nullable Value[] values = Arrays.copyOf(positional.toArray(Value[]::new), parameters.length);
        named.forEach((name, value) -> {
            int at = Arrays.asList(parameters).indexOf(name);
            if (at < 0 || values[at] != null) {
                throw new ChatTemplateException(function + "() got "
                        + (at < 0 ? "an unexpected keyword argument '" : "multiple values for argument '")
                        + name + "'");
            }
            values[at] = value;
        });
        return new Bound(function, parameters, values, meter());
    }

    /** Arguments by the number of their parameter. */
    static final class Bound {
        private final String function;
        private final String[] parameters;
        private final @Nullable Value[] values;
        private final Meter meter;

        private Bound(String function, String[] parameters, @Nullable Value[] values, Meter meter) {
            this.function = function;
            this.parameters = parameters;
            this.values = values;
            this.meter = meter;
        }

        Optional<Value> get(int parameter) {
            return Optional.ofNullable(values[parameter]);
        }

        /** The argument if it is given and not {@code none}. */
        Optional<Value> some(int parameter) {
            return get(parameter).filter(value -> value != None.NONE);
        }

        Value value(int parameter, Value otherwise) {
            return get(parameter).orElse(otherwise);
        }

        Value required(int parameter) {
            return get(parameter).orElseThrow(() -> new ChatTemplateException(
                    function + "() is missing the argument '" + parameters[parameter] + "'"));
        }

        boolean flag(int parameter) {
            return value(parameter, Num.FALSE).truth();
        }

        /** A whole number, or something else where it is not given or {@code none}. */
        int index(int parameter, int otherwise) {
            return some(parameter).map(value -> whole(parameter, value)).orElse(otherwise);
        }

        int integer(int parameter, int otherwise) {
            return get(parameter).map(value -> whole(parameter, value)).orElse(otherwise);
        }

        private int whole(int parameter, Value value) {
            if (value instanceof Num number && !number.isFloat()) {
                return number.clamped();
            }
            throw wrong(parameter, value, "a whole number");
        }

        /** A text argument as it is; anything else is an error. */
        Str string(int parameter, Value value) {
            if (value instanceof Str text) {
                return text;
            }
            throw wrong(parameter, value, "a string");
        }

        Str string(int parameter) {
            return string(parameter, required(parameter));
        }

        /** Any argument as it prints. */
        Str printed(int parameter, Str otherwise) {
            return get(parameter).map(value -> value.text(meter)).orElse(otherwise);
        }

        ChatTemplateException wrong(int parameter, Value value, String allowed) {
            return value instanceof Undefined undefined ? undefined.failure() : new ChatTemplateException(
                    function + "(): " + parameters[parameter] + " must be " + allowed + ", got " + value.type());
        }
    }
}
