package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A piece of a template with parameters; calling it gives the text that it writes. */
final class Macro extends Value {
    private final Signature signature;
    private final List<Statement> body;
    private final Scope around;

    Macro(Signature signature, List<Statement> body, Scope around) {
        this.signature = signature;
        this.body = body;
        this.around = around;
    }

    /**
     * What a macro takes.
     *
     * @param name its name
     * @param parameters names of the parameters
     * @param defaults values of the last parameters
     * @param used which of {@code caller}, {@code varargs} and {@code kwargs} the body names
     */
    record Signature(String name, List<String> parameters, List<Expression> defaults, Set<String> used) {

        Optional<Expression> defaultOf(int parameter) {
            int index = parameter - (parameters.size() - defaults.size());
            return index < 0 ? Optional.empty() : Optional.of(defaults.get(index));
        }
    }

    @Override
    String type() {
        return "Macro";
    }

    @Override
    void repr(TextBuilder out) {
        out.append("<Macro '" + signature.name + "'>");
    }

    @Override
    boolean isCallable() {
        return true;
    }

    @Override
    Optional<Value> attribute(String name) {
        return name.equals("name") ? Optional.of(Str.of(signature.name)) : Optional.empty();
    }

    @Override
    Value call(Arguments arguments) {
        Run run = arguments.run();
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        Scope scope = around.inner();
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < signature.parameters.size(); i++) {
            String parameter = signature.parameters.get(i);
            if (i < arguments.positional().size()) {
                scope.set(parameter, arguments.positional().get(i));
            } else if (named.containsKey(parameter)) {
                scope.set(parameter, named.remove(parameter));
            } else {
                missing.add(i);
            }
        }
        setSpecial(arguments, named, scope);
        return run.within(scope, () -> run.capture(() -> {
            for (int parameter : missing) {
                String name = signature.parameters.get(parameter);
                Optional<Expression> value = signature.defaultOf(parameter);
                scope.set(name, value.isPresent() ? value.get().value(run)
                        : new Undefined("parameter '" + name + "' was not provided"));
            }
            Statement.renderAll(body, run);
        }));
    }

    private void setSpecial(Arguments arguments, Map<String, Value> named, Scope scope) {
        if (signature.used.contains("caller") && !signature.parameters.contains("caller")) {
            Value caller = named.remove("caller");
            scope.set("caller", caller == null || caller == None.NONE ? new Undefined("no caller defined") : caller);
        }
        if (signature.used.contains("kwargs")) {
            Map<Value, Value> rest = new LinkedHashMap<>();
            named.forEach((name, value) -> rest.put(Str.of(name), value));
            scope.set("kwargs", new Dict(rest));
        } else if (!named.isEmpty()) {
            throw new ChatTemplateException("macro '" + signature.name + "' takes no keyword argument '"
                    + named.keySet().iterator().next() + "'");
        }
        int given = arguments.positional().size();
        int taken = Math.min(given, signature.parameters.size());
        if (signature.used.contains("varargs")) {
            scope.set("varargs", Listing.tuple(arguments.positional().subList(taken, given)));
        } else if (given > taken) {
            throw new ChatTemplateException(
                    "macro '" + signature.name + "' takes not more than " + taken + " argument(s)");
        }
    }
}
