package org.jformers.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Model;
import org.jformers.testkit.GoldenModel.Gradient;

/** What belongs to the parameters of a model, such as their gradients, beside the reference's norms and sums. */
public final class GoldenParameters {
    /** What one float32 operation may be off by, relative to its result. */
    private static final double ROUNDING = 0x1p-23;

    private final Model model;
    private final Map<String, Tensor> byParameter;

    private GoldenParameters(Model model, Map<String, Tensor> byParameter) {
        this.model = model;
        this.byParameter = byParameter;
    }

    /**
     * One check, named {@code what} and the name, for each that the reference has and for each that it lacks.
     *
     * @param what what it is, in one word
     * @param byParameter ours, by the names of our parameters
     * @param expected the reference's, by the names of its parameters; tied ones once
     */
    public static List<Check> compare(
            String what,
            Model model,
            Map<String, Tensor> byParameter,
            Map<String, Gradient> expected,
            Tolerance tolerance) {
        return new GoldenParameters(model, byParameter).compare(what, expected, tolerance);
    }

    private List<Check> compare(String what, Map<String, Gradient> golden, Tolerance tolerance) {
        List<Check> checks = new ArrayList<>();
        Map<String, Tensor> byName = model.named(byParameter);
        TreeSet<String> more = new TreeSet<>(byName.keySet());
        golden.forEach((name, expected) -> {
            // The reference names modules, which its files may name otherwise, and of two that are tied the first.
            String written = model.identity().weights().written(name);
            List<Tensor> parts =
                    byName.containsKey(written) ? List.of(byName.get(written)) : held(name, more);
            more.remove(written);
            checks.add(parts.isEmpty()
                    ? Check.failed(what + " " + name, "missing")
                    : compare(what + " " + name, parts, expected, tolerance));
        });
        more.forEach(name -> checks.add(Check.failed(what + " " + name, "there is one, expected none")));
        return checks;
    }

    /**
     * Those of the parameters that the library holds together under one name; their own names are explained then.
     */
    private List<Tensor> held(String name, Set<String> unexplained) {
        List<Tensor> parts = new ArrayList<>();
        for (String parameter : model.identity().weights().heldBy(name, byParameter.keySet())) {
            Tensor part = byParameter.get(parameter);
            parts.add(part);
            unexplained.removeAll(model.named(Map.of(parameter, part)).keySet());
        }
        return parts;
    }

    private static Check compare(String label, List<Tensor> parts, Gradient expected, Tolerance tolerance) {
        double square = 0;
        double sum = 0;
        long elements = 0;
        for (Tensor part : parts) {
            elements += part.numel();
            Tensor wide = part.to(ScalarType.Double);
            square += wide.square().sum().item_double();
            sum += wide.sum().item_double();
        }
        double norm = Math.sqrt(square);
        String detail = "norm " + norm + " of " + expected.norm() + ", sum " + sum + " of " + expected.sum();
        // Elements of either sign may cancel; what each is rounded by does not, and adds up to sqrt(elements) * norm.
        Tolerance sumTolerance = new Tolerance(
                tolerance.absolute() + ROUNDING * Math.sqrt(elements) * expected.norm(), tolerance.relative());
        return tolerance.accepts(norm, expected.norm()) && sumTolerance.accepts(sum, expected.sum())
                ? Check.passed(label, detail)
                : Check.failed(label, detail);
    }
}
