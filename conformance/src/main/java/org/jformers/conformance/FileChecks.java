package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jformers.testkit.Check;
import org.jformers.testkit.Tolerance;

/** What was found in a file of golden values, check by check. */
final class FileChecks {
    /** Golden files have that many digits, so that closer than half of the last one nothing can be told. */
    private static final MathContext DIGITS = new MathContext(10);

    private final Tolerance tolerance;
    private final List<Check> checks = new ArrayList<>();

    /** The project does not have what a golden file asks for. */
    static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unsupported(String reason) {
            super(reason);
        }
    }

    FileChecks(JsonNode file) {
        JsonNode said = file.path("tolerance");
        tolerance = new Tolerance(said.path("abs").asDouble(), said.path("rel").asDouble());
    }

    List<Check> checks() {
        return checks;
    }

    /**
     * Compares every value of a golden object with the one of that name that was computed.
     *
     * @param inputs names in the golden object that are no results
     * @param computed what was computed, of which there may be more
     */
    void compare(String name, JsonNode golden, Set<String> inputs, Supplier<ObjectNode> computed) {
        Set<String> names = new TreeSet<>();
        golden.fieldNames().forEachRemaining(names::add);
        names.removeAll(inputs);
        if (names.isEmpty()) {
            checks.add(Check.failed(name, "there is nothing to compare with"));
            return;
        }
        ObjectNode got;
        try {
            got = computed.get();
        } catch (Unsupported e) {
            checks.add(Check.unsupported(name, String.valueOf(e.getMessage())));
            return;
        } catch (RuntimeException e) {
            checks.add(Check.thrown(name, e));
            return;
        }
        Set<String> missing = new TreeSet<>(names);
        got.fieldNames().forEachRemaining(missing::remove);
        if (!missing.isEmpty()) {
            checks.add(Check.unsupported(name, "values " + missing));
            names.removeAll(missing);
        }
        ObjectNode expected = golden.<ObjectNode>deepCopy().retain(names);
        checks.addAll(Comparison.checks(name, rounded(got.deepCopy().retain(names)), expected, tolerance));
    }

    /** Numbers with the digits that files have; what is none is null there. */
    private static JsonNode rounded(JsonNode value) {
        if (value.isObject()) {
            ObjectNode rounded = Case.JSON.createObjectNode();
            value.properties().forEach(field -> rounded.set(field.getKey(), rounded(field.getValue())));
            return rounded;
        }
        if (value.isArray()) {
            ArrayNode rounded = Case.JSON.createArrayNode();
            value.forEach(element -> rounded.add(rounded(element)));
            return rounded;
        }
        if (!value.isFloatingPointNumber() || Double.isInfinite(value.doubleValue())) {
            return value;
        }
        return Double.isNaN(value.doubleValue())
                ? Case.JSON.nullNode()
                : Case.JSON.getNodeFactory().numberNode(
                        BigDecimal.valueOf(value.doubleValue()).round(DIGITS).doubleValue());
    }
}
