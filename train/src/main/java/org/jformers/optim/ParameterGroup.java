package org.jformers.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jformers.nn.Parameter;

/**
 * Parameters that are changed alike.
 *
 * @param parameters by name, all of them trained
 * @param rateFactor factor on the learning rate
 * @param weightDecay strength of the decay, 0 for none
 */
public record ParameterGroup(Map<String, Parameter> parameters, double rateFactor, double weightDecay) {
    public ParameterGroup {
        parameters = new LinkedHashMap<>(parameters);
    }

    /** The usual two: matrices and tables decay; biases and norms do not. Frozen parameters are in neither. */
    public static List<ParameterGroup> byDecay(Map<String, Parameter> parameters, double weightDecay) {
        return of(parameters, weightDecay, name -> 1);
    }

    /**
     * Those of one rate and one decay together, in the order in which the parameters bring them; frozen ones are left
     * out.
     *
     * @param weightDecay of matrices and tables
     * @param rateFactor factor on the learning rate of the parameter of that name
     */
    public static List<ParameterGroup> of(
            Map<String, Parameter> parameters, double weightDecay, ToDoubleFunction<String> rateFactor) {
        record Kind(double rateFactor, double weightDecay) {}
        Map<Kind, Map<String, Parameter>> kinds = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> {
            if (parameter.trained()) {
                Kind kind = new Kind(rateFactor.applyAsDouble(name), parameter.decays() ? weightDecay : 0);
                kinds.computeIfAbsent(kind, k -> new LinkedHashMap<>()).put(name, parameter);
            }
        });
        List<ParameterGroup> groups = new ArrayList<>();
        kinds.forEach((kind, held) -> groups.add(new ParameterGroup(held, kind.rateFactor(), kind.weightDecay())));
        return groups;
    }

    /** The group in one line. */
    public String describe() {
        long values = parameters.values().stream().mapToLong(Parameter::size).sum();
        return String.format(Locale.ROOT, "%,d values in %,d parameters, rate x %.4g, weight decay %.4g",
                values, parameters.size(), rateFactor, weightDecay);
    }
}
