package org.jformers.text.chat;

import java.util.Map;
import java.util.Set;

/** The tests that follow {@code is}. */
final class Tests {
    private static final Map<String, String> COMPARISONS = Map.ofEntries(
            Map.entry("eq", "=="), Map.entry("equalto", "=="), Map.entry("==", "=="),
            Map.entry("ne", "!="), Map.entry("!=", "!="),
            Map.entry("lt", "<"), Map.entry("lessthan", "<"), Map.entry("<", "<"),
            Map.entry("le", "<="), Map.entry("<=", "<="),
            Map.entry("gt", ">"), Map.entry("greaterthan", ">"), Map.entry(">", ">"),
            Map.entry("ge", ">="), Map.entry(">=", ">="),
            Map.entry("in", "in"));
    private static final Set<String> SIMPLE = Set.of(
            "defined", "undefined", "none", "boolean", "true", "false", "integer", "float", "number", "string",
            "mapping", "sequence", "iterable", "callable", "lower", "upper", "odd", "even", "divisibleby", "sameas",
            "escaped", "filter", "test");

    private Tests() {}

    private static boolean isTest(String name) {
        return SIMPLE.contains(name) || COMPARISONS.containsKey(name);
    }

    static boolean holds(String name, Value value, Arguments arguments) {
        if (COMPARISONS.containsKey(name)) {
            Value other = arguments.bind(name, "other").required(0);
            return Operators.compare(COMPARISONS.get(name), value, other, arguments.meter());
        }
        if (name.equals("divisibleby")) {
            return modulo(value, arguments.bind(name, "num").required(0), arguments).equals(Value.of(0));
        }
        if (name.equals("sameas")) {
            return isSame(value, arguments.bind(name, "other").required(0));
        }
        if (!isTest(name)) {
            throw new ChatTemplateException("no test named '" + name + "'");
        }
        arguments.bind(name);
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == None.NONE;
            case "boolean" -> isKind(value, Num.Kind.BOOL);
            case "true" -> isKind(value, Num.Kind.BOOL) && value.truth();
            case "false" -> isKind(value, Num.Kind.BOOL) && !value.truth();
            case "integer" -> isKind(value, Num.Kind.INT);
            case "float" -> isKind(value, Num.Kind.FLOAT);
            case "number" -> value instanceof Num;
            case "string" -> value instanceof Str;
            case "mapping" -> value instanceof Dict;
            // Jinja asks for a length and for elements by index, which undefined values and mappings claim to have.
            case "sequence" -> value instanceof Str || value instanceof Listing || value instanceof Dict
                    || value instanceof Range || value instanceof Bytes || value instanceof Undefined;
            case "iterable" -> value.isIterable();
            case "callable" -> value.isCallable() || value instanceof Undefined;
            case "lower" -> StringMethods.isLower(scanned(value, arguments));
            case "upper" -> StringMethods.isUpper(scanned(value, arguments));
            case "odd" -> modulo(value, Value.of(2), arguments).equals(Value.of(1));
            case "even" -> modulo(value, Value.of(2), arguments).equals(Value.of(0));
            case "filter" -> Dict.requireHashable(value) instanceof Str text && Filters.exists(text.string());
            case "test" -> Dict.requireHashable(value) instanceof Str text && isTest(text.string());
            default -> value instanceof Str text && text.isSafe(); // escaped
        };
    }

    private static String scanned(Value value, Arguments arguments) {
        String text = value.text(arguments.meter()).string();
        arguments.meter().spend(text.length());
        return text;
    }

    private static boolean isKind(Value value, Num.Kind kind) {
        return value instanceof Num number && number.kind() == kind;
    }

    private static Value modulo(Value value, Value by, Arguments arguments) {
        return Operators.apply("%", value, by, arguments.run());
    }

    private static boolean isSame(Value value, Value other) {
        return value == other
                || value instanceof Num a && other instanceof Num b && a.kind() == b.kind() && !a.isFloat()
                        && a.equals(b)
                || value instanceof Str a && other instanceof Str b && a.string().length() < 2 && a.equals(b)
                        && !a.isSafe() && !b.isSafe();
    }
}
