package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A value and what follows it: attributes, elements, calls, filters and tests. */
record Postfix(int line, Expression base, List<Step> steps) implements Expression {
    /** Filters that see the variables, so that the reference does not evaluate them when it reads the template. */
    private static final Set<String> CONTEXTUAL = Set.of("map", "select", "reject", "selectattr", "rejectattr");


    /** Names of Python's own that even undefined values have. */
    private static final Set<String> PYTHONS = Set.of(
            "__class__", "__init__", "__doc__", "__module__", "__dir__", "__eq__", "__str__", "__len__", "__iter__",
            "__bool__", "__repr__", "__hash__", "__getattr__", "__call__", "__getitem__", "__add__");

    @Override
    public Value evaluate(Run run) {
        return apply(base.value(run), steps, run);
    }

    @Override
    public boolean isConstant() {
        return base.isConstant() && steps.stream().allMatch(Step::isConstant);
    }

    static Value apply(Value value, List<Step> steps, Run run) {
        Value result = value;
        for (Step step : steps) {
            run.meter().spend(1);
            boolean missed = run.missedSlice();
            result = step.apply(result, run);
            if (run.isLenient()) {
                Folded.resolve(result, missed, run);
            }
        }
        return result;
    }

    /** One thing that follows a value. */
    interface Step {
        Value apply(Value value, Run run);

        /** Whether it is constant where the value is. */
        default boolean isConstant() {
            return false;
        }
    }

    /** {@code .name}: an attribute, or else an element. */
    record Attribute(String name) implements Step {
        @Override
        public Value apply(Value value, Run run) {
            return attribute(value, name);
        }

        @Override
        public boolean isConstant() {
            return true;
        }
    }

    static Value attribute(Value value, String name) {
        if (value instanceof Undefined undefined && !PYTHONS.contains(name)) {
            throw undefined.failure();
        }
        if (isHidden(name)) {
            return Undefined.unsafe(value, name);
        }
        Str key = Str.of(name);
        return value.attribute(name).or(() -> value.item(key)).orElseGet(() -> Undefined.of(value, key));
    }

    // Names of this form are Python's own; the sandbox gives none of them away.
    static boolean isHidden(String name) {
        return name.length() > 4 && name.startsWith("__") && name.endsWith("__");
    }

    /** {@code [key]}: an element, or else an attribute. */
    record Item(Expression key) implements Step {
        @Override
        public Value apply(Value value, Run run) {
            Value wanted = key.value(run);
            run.meter().spend(wanted.weight());
            run.meter().spend(value instanceof Str text ? 4 + text.scan() / 2 : 0);
            return item(value, wanted);
        }

        @Override
        public boolean isConstant() {
            return key.isConstant();
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
            if (run.isLenient() && !Slices.canSlice(value) && !(value instanceof Undefined)) {
                run.missSlice(true);
                return Undefined.of(value, None.NONE);
            }
            return Slices.of(value, part(start, run), part(stop, run), part(step, run), run.meter());
        }

        private static Value part(Optional<Expression> part, Run run) {
            return part.isPresent() ? part.get().value(run) : None.NONE;
        }

        @Override
        public boolean isConstant() {
            return Stream.of(start, stop, step).allMatch(part -> part.isEmpty() || part.get().isConstant());
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

        @Override
        public boolean isConstant() {
            return Filters.exists(name) && !CONTEXTUAL.contains(name) && arguments.isConstant();
        }
    }

    /** {@code is name(arguments)}. */
    record Test(String name, CallArguments arguments, boolean expected) implements Step {
        @Override
        public Value apply(Value value, Run run) {
            return Value.of(Tests.holds(name, value, arguments.values(run)) == expected);
        }

        @Override
        public boolean isConstant() {
            return arguments.isConstant();
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

        boolean isConstant() {
            return Expressions.allConstant(positional) && named.stream().allMatch(named -> named.value.isConstant())
                    && more.isEmpty() && moreNamed.isEmpty();
        }

        Arguments values(Run run) {
            List<Value> values = new ArrayList<>(positional.size());
            for (Expression expression : positional) {
                values.add(expression.value(run));
            }
            if (more.isPresent()) {
                more.get().value(run).iterator().forEachRemaining(value -> {
                    run.meter().spendElements(1);
                    values.add(value);
                });
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
