package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A value and what follows it: attributes, elements, calls, filters and tests. */
record Postfix(int line, Expression base, List<Step> steps) implements Expression {

    @Override
    public Value evaluate(Run run) {
        return apply(base.value(run), steps, run);
    }

    static Value apply(Value value, List<Step> steps, Run run) {
        Value result = value;
        for (Step step : steps) {
            run.meter().spend(1);
            result = step.apply(result, run);
        }
        return result;
    }

    /** One thing that follows a value. */
    interface Step {
        Value apply(Value value, Run run);
    }

    /** {@code .name}: an attribute, or else an element. */
    record Attribute(String name) implements Step {
        @Override
        public Value apply(Value value, Run run) {
            return attribute(value, name);
        }
    }

    static Value attribute(Value value, String name) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (isHidden(name)) {
            return Undefined.unsafe(value, name);
        }
        Str key = Str.of(name);
        return value.attribute(name).or(() -> value.item(key)).orElseGet(() -> Undefined.of(value, key));
    }

    // Names of this form are Python's own; the sandbox gives none of them away.
    private static boolean isHidden(String name) {
        return name.length() > 4 && name.startsWith("__") && name.endsWith("__");
    }

    /** {@code [key]}: an element, or else an attribute. */
    record Item(Expression key) implements Step {
        @Override
        public Value apply(Value value, Run run) {
            return item(value, key.value(run));
        }
    }

    static Value item(Value value, Value key) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Optional<Value> item = value.item(key);
        if (item.isEmpty() && key instanceof Str name) {
            item = isHidden(name.string()) ? Optional.of(Undefined.unsafe(value, name.string()))
                    : value.attribute(name.string());
        }
        return item.orElseGet(() -> Undefined.of(value, key));
    }

    /** {@code [start:stop:step]}. */
    record Slice(Optional<Expression> start, Optional<Expression> stop, Optional<Expression> step) implements Step {
        @Override
        public Value apply(Value value, Run run) {
            return Slices.of(value, part(start, run), part(stop, run), part(step, run), run.meter());
        }

        private static Value part(Optional<Expression> part, Run run) {
            return part.isPresent() ? part.get().value(run) : None.NONE;
        }
    }

    /** {@code (arguments)}. */
    record Call(CallArguments arguments) implements Step {
        @Override
        public Value apply(Value value, Run run) {
            return value.call(arguments.values(run));
        }
    }

    /** {@code | name(arguments)}. */
    record Filter(String name, CallArguments arguments) implements Step {
        @Override
        public Value apply(Value value, Run run) {
            return Filters.apply(name, value, arguments.values(run));
        }
    }

    /** {@code is name(arguments)}. */
    record Test(String name, CallArguments arguments, boolean expected) implements Step {
        @Override
        public Value apply(Value value, Run run) {
            return Value.of(Tests.holds(name, value, arguments.values(run)) == expected);
        }
    }

    /** An argument with a name. */
    record Named(String name, Expression value) {}

    /**
     * The arguments of a call as written.
     *
     * @param positional those without a name
     * @param named those with a name
     * @param more {@code *sequence}
     * @param moreNamed {@code **mapping}
     */
    record CallArguments(
            List<Expression> positional, List<Named> named, Optional<Expression> more, Optional<Expression> moreNamed) {

        static final CallArguments NONE = new CallArguments(List.of(), List.of(), Optional.empty(), Optional.empty());

        Arguments values(Run run) {
            List<Value> values = new ArrayList<>(positional.size());
            for (Expression expression : positional) {
                values.add(expression.value(run));
            }
            if (more.isPresent()) {
                values.addAll(more.get().value(run).elements());
            }
            Map<String, Value> names = new LinkedHashMap<>();
            for (Named argument : named) {
                put(names, argument.name, argument.value.value(run));
            }
            if (moreNamed.isPresent()) {
                if (!(moreNamed.get().value(run) instanceof Dict dict)) {
                    throw new ChatTemplateException("argument after ** must be a mapping");
                }
                dict.entries().forEach((key, value) -> put(names, key.text(run.meter()).string(), value));
            }
            run.meter().spend(values.size() + names.size());
            return new Arguments(values, names, run);
        }

        private static void put(Map<String, Value> names, String name, Value value) {
            if (names.put(name, value) != null) {
                throw new ChatTemplateException("got multiple values for keyword argument '" + name + "'");
            }
        }
    }
}
