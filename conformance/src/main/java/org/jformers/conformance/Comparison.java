package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jformers.testkit.Check;
import org.jformers.testkit.Check.Outcome;
import org.jformers.testkit.Tolerance;

/** Compares a result with the expected one: numbers within a tolerance, everything else as it is. */
final class Comparison {
    private static final int SHOWN = 90;
    private static final int BEFORE = 20;

    private final Tolerance tolerance;
    private Optional<String> difference = Optional.empty();
    private double worst;
    private String worstAt = "";
    private int beyond;

    private Comparison(Tolerance tolerance) {
        this.tolerance = tolerance;
    }

    /** One check for each name of an object, one for everything else. */
    static List<Check> checks(String op, JsonNode got, JsonNode expected, Tolerance tolerance) {
        if (expected.isMissingNode()) {
            return List.of(Check.failed(op, "there is nothing to compare with: neither expected nor refused"));
        }
        if (!expected.isObject() || !names(got).equals(names(expected))) {
            return List.of(new Comparison(tolerance).check(op, got, expected));
        }
        List<Check> checks = new ArrayList<>();
        for (String name : names(expected)) {
            checks.add(new Comparison(tolerance).check(op + ": " + name, got.get(name), expected.get(name)));
        }
        return checks;
    }

    private Check check(String name, JsonNode got, JsonNode expected) {
        compare("", got, expected);
        if (difference.isEmpty()) {
            String detail = worst == 0
                    ? "equal"
                    : String.format(Locale.ROOT, "max error %.2g at %s", worst, place(worstAt));
            return new Check(name, Outcome.PASSED, worst, detail);
        }
        return new Check(name, Outcome.FAILED, worst,
                difference.get() + (beyond > 1 ? ", " + beyond + " numbers beyond the tolerance" : ""));
    }

    private void compare(String at, JsonNode got, JsonNode expected) {
        if (expected.isNumber() && got.isNumber()) {
            number(at, got.asDouble(), expected.asDouble());
        } else if (expected.isArray() && got.isArray()) {
            array(at, got, expected);
        } else if (expected.isObject() && got.isObject()) {
            if (names(got).equals(names(expected))) {
                names(expected).forEach(name ->
                        compare(at + (at.isEmpty() ? "" : ".") + name, got.get(name), expected.get(name)));
            } else {
                differ(at, "got names " + names(got) + ", expected " + names(expected));
            }
        } else if (!got.equals(expected)) {
            differ(at, got, expected);
        }
    }

    private void number(String at, double got, double expected) {
        double error = Tolerance.error(got, expected);
        if (error > worst) {
            worst = error;
            worstAt = at;
        }
        if (!tolerance.accepts(got, expected)) {
            beyond++;
            differ(at, "got " + got + ", expected " + expected);
        }
    }

    private void array(String at, JsonNode got, JsonNode expected) {
        if (isExact(expected)) { // short rows of ids or texts are read best as wholes
            if (!same(got, expected)) {
                differ(at, got, expected);
            }
            return;
        }
        if (got.size() != expected.size()) {
            differ(at, "got " + got.size() + " elements, expected " + expected.size() + ": got " + brief(got)
                    + ", expected " + brief(expected));
            return;
        }
        for (int i = 0; i < expected.size(); i++) {
            compare(at + "[" + i + "]", got.get(i), expected.get(i));
        }
    }

    private boolean isExact(JsonNode array) {
        for (JsonNode element : array) {
            if (element.isContainerNode() || element.isNumber() && !tolerance.equals(Tolerance.EXACT)) {
                return false;
            }
        }
        return true;
    }

    private static boolean same(JsonNode got, JsonNode expected) {
        boolean same = got.size() == expected.size();
        for (int i = 0; same && i < got.size(); i++) {
            JsonNode one = got.get(i);
            same = one.isNumber() && expected.get(i).isNumber()
                    ? one.asDouble() == expected.get(i).asDouble()
                    : one.equals(expected.get(i));
        }
        return same;
    }

    private void differ(String at, JsonNode got, JsonNode expected) {
        String one = got.toString();
        String other = expected.toString();
        int same = 0;
        while (same < Math.min(one.length(), other.length()) && one.charAt(same) == other.charAt(same)) {
            same++;
        }
        int from = one.length() <= SHOWN && other.length() <= SHOWN ? 0 : Math.max(0, same - BEFORE);
        differ(at, "got " + cut(one, from) + ", expected " + cut(other, from));
    }

    private void differ(String at, String what) {
        if (difference.isEmpty()) {
            difference = Optional.of(at.isEmpty() ? what : place(at) + ": " + what);
        }
    }

    private static String place(String at) {
        return at.isEmpty() ? "the number" : at;
    }

    /** The beginning of a value. */
    static String brief(JsonNode value) {
        return cut(value.toString(), 0);
    }

    private static String cut(String text, int from) {
        int end = Math.min(text.length(), from + SHOWN);
        return (from > 0 ? "..." : "") + text.substring(from, end) + (end < text.length() ? "..." : "");
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new LinkedHashSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
