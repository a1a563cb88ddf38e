package org.jformers.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter;
import org.jformers.tensor.Operator;
import org.jformers.tensor.Tensors;

/** Adagrad (Duchi et al. 2011): steps over the root of the sum of all squared gradients so far. */
public final class Adagrad extends GroupedOptimizer {
    private static final String SUM = "sum";

    private final Settings settings;
    private final Operator fused = Operator.named("aten::_fused_adagrad_");

    /**
     * @param rateDecay how fast the rate falls: it is divided by 1 + rateDecay * (step - 1); 0 for not at all
     * @param initialSum what the sums begin with, at least 0
     * @param epsilon added to the root, positive
     * @param states in which numbers the sums are kept
     */
    public record Settings(double rateDecay, double initialSum, double epsilon, StateType states) {
        public Settings {
            require(rateDecay >= 0 && initialSum >= 0 && epsilon > 0, "adagrad",
                    "rate_decay " + rateDecay + ", initial_sum " + initialSum + ", epsilon " + epsilon,
                    "rate_decay >= 0, initial_sum >= 0, epsilon > 0");
        }
    }

    /** @param groups what to train; each parameter is in one of them */
    public Adagrad(Settings settings, List<ParameterGroup> groups) {
        super("adagrad", groups, settings.states(), parameter -> states(settings, parameter));
        this.settings = settings;
    }

    private static Map<String, Tensor> states(Settings settings, Parameter parameter) {
        Map<String, Tensor> states = new LinkedHashMap<>();
        states.put(SUM, zeros(parameter).fill_(Tensors.constant(settings.initialSum())));
        states.put(STEPS, noSteps(parameter));
        return states;
    }

    @Override
    void update(List<Slot> slots, double rate, double weightDecay) {
        slots.forEach(Slot::step);
        if (!slots.isEmpty()) {
            fused.call(values(slots), gradients(slots), states(slots, SUM), states(slots, STEPS), rate,
                    settings.rateDecay(), weightDecay, settings.epsilon(), false, null, null);
        }
    }
}
