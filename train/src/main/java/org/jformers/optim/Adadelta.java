package org.jformers.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter;

/**
 * Adadelta (arXiv:1212.5701): steps as long as the steps so far over the root of the mean squared gradient; the rate is
 * a factor on them, 1 in the paper. Weight decay is added to the gradient.
 */
public final class Adadelta extends GroupedOptimizer {
    private static final String SQUARE = "mean_square";
    private static final String STEP = "mean_square_step";

    private final Settings settings;

    /**
     * @param smoothing share of the means that stays in a step, in [0, 1)
     * @param epsilon added below the roots, positive
     * @param states in which numbers the means are kept
     */
    public record Settings(double smoothing, double epsilon, StateType states) {
        public Settings {
            require(smoothing >= 0 && smoothing < 1 && epsilon > 0, "adadelta",
                    "smoothing " + smoothing + ", epsilon " + epsilon, "smoothing in [0, 1), epsilon > 0");
        }
    }

    /** @param groups what to train; each parameter is in one of them */
    public Adadelta(Settings settings, List<ParameterGroup> groups) {
        super("adadelta", groups, settings.states(), Adadelta::states);
        this.settings = settings;
    }

    private static Map<String, Tensor> states(Parameter parameter) {
        Map<String, Tensor> states = new LinkedHashMap<>();
        states.put(SQUARE, zeros(parameter));
        states.put(STEP, zeros(parameter));
        return states;
    }

    @Override
    void update(List<Slot> slots, double rate, double weightDecay) {
        Scalar kept = new Scalar(settings.smoothing());
        Scalar taken = new Scalar(1 - settings.smoothing());
        Scalar epsilon = new Scalar(settings.epsilon());
        slots.forEach(slot -> {
            Tensor gradient = slot.coupledGradient(weightDecay);
            Tensor square = slot.state(SQUARE).mul_(kept).addcmul_(gradient, gradient, taken);
            Tensor step = slot.state(STEP).add(epsilon).sqrt_().div_(square.add(epsilon).sqrt_()).mul_(gradient);
            slot.state(STEP).mul_(kept).addcmul_(step, step, taken);
            slot.value().add_(step, new Scalar(-rate));
        });
    }
}
