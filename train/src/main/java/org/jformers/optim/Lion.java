package org.jformers.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter;

/**
 * Lion (arXiv:2302.06675): every value moves by the rate, in the direction of an average of momentum and gradient. Its
 * rate is three to ten times lower than Adam's, its weight decay as many times higher.
 */
public final class Lion extends GroupedOptimizer {
    private static final String MOMENTUM = "momentum";

    private final Settings settings;

    /**
     * @param beta1 share of the momentum in the direction, in [0, 1); 0.9 in the paper
     * @param beta2 share of the momentum that stays in a step, in [0, 1); 0.99 in the paper
     * @param states in which numbers the momentum is kept
     */
    public record Settings(double beta1, double beta2, StateType states) {
        public Settings {
            require(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "lion",
                    "beta1 " + beta1 + ", beta2 " + beta2, "both in [0, 1)");
        }
    }

    /** @param groups what to train; each parameter is in one of them */
    public Lion(Settings settings, List<ParameterGroup> groups) {
        super("lion", groups, settings.states(), Lion::states);
        this.settings = settings;
    }

    private static Map<String, Tensor> states(Parameter parameter) {
        Map<String, Tensor> states = new LinkedHashMap<>();
        states.put(MOMENTUM, zeros(parameter));
        return states;
    }

    @Override
    void update(List<Slot> slots, double rate, double weightDecay) {
        Scalar inDirection = new Scalar(1 - settings.beta1());
        Scalar taken = new Scalar(1 - settings.beta2());
        slots.forEach(slot -> {
            Tensor momentum = slot.state(MOMENTUM);
            Tensor direction = momentum.lerp(slot.gradient(), inDirection).sign_();
            slot.decay(rate * weightDecay);
            slot.value().add_(direction, new Scalar(-rate));
            momentum.lerp_(slot.gradient(), taken);
        });
    }
}
