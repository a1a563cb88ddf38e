package org.jformers.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter;

/**
 * LAMB (arXiv:1904.00962, algorithm 2): Adam's step with the decay added, made as long as the parameter that it changes
 * times the rate, for large batches. A parameter or a step of zeros is scaled by 1.
 */
public final class Lamb extends GroupedOptimizer {
    private static final String FIRST = "first_moment";
    private static final String SECOND = "second_moment";

    private final Settings settings;

    /**
     * @param beta1 decay rate of the first moment, in [0, 1)
     * @param beta2 decay rate of the second moment, in [0, 1)
     * @param epsilon added to the root of the second moment, positive
     * @param states in which numbers the moments are kept
     */
    public record Settings(double beta1, double beta2, double epsilon, StateType states) {
        public Settings {
            require(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0, "lamb",
                    "beta1 " + beta1 + ", beta2 " + beta2 + ", epsilon " + epsilon, "betas in [0, 1), epsilon > 0");
        }
    }

    /** @param groups what to train; each parameter is in one of them */
    public Lamb(Settings settings, List<ParameterGroup> groups) {
        super("lamb", groups, settings.states(), Lamb::states);
        this.settings = settings;
    }

    private static Map<String, Tensor> states(Parameter parameter) {
        Map<String, Tensor> states = new LinkedHashMap<>();
        states.put(FIRST, zeros(parameter));
        states.put(SECOND, zeros(parameter));
        states.put(STEPS, noSteps(parameter));
        return states;
    }

    @Override
    void update(List<Slot> slots, double rate, double weightDecay) {
        slots.forEach(slot -> {
            double steps = slot.step();
            Tensor gradient = slot.gradient();
            Tensor first = slot.state(FIRST).lerp_(gradient, new Scalar(1 - settings.beta1()));
            Tensor second = slot.state(SECOND).mul_(new Scalar(settings.beta2()))
                    .addcmul_(gradient, gradient, new Scalar(1 - settings.beta2()));
            Tensor root = second.div(new Scalar(1 - Math.pow(settings.beta2(), steps))).sqrt_()
                    .add_(new Scalar(settings.epsilon()));
            Tensor step = first.div(new Scalar(1 - Math.pow(settings.beta1(), steps))).div_(root)
                    .add_(slot.value(), new Scalar(weightDecay));
            double length = slot.value().norm().item_double();
            double stepLength = step.norm().item_double();
            double trust = length > 0 && stepLength > 0 ? length / stepLength : 1;
            slot.value().add_(step, new Scalar(-rate * trust));
        });
    }
}
