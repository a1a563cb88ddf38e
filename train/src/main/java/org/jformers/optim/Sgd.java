package org.jformers.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter;
import org.jformers.tensor.Operator;

/**
 * Stochastic gradient descent, also with momentum and with Nesterov's (Sutskever et al. 2013), as PyTorch defines them:
 * the first step's momentum is the gradient itself. Weight decay is added to the gradient.
 */
public final class Sgd extends GroupedOptimizer {
    private static final String MOMENTUM = "momentum";

    private final Settings settings;
    private final Operator fused = Operator.named("aten::_fused_sgd_");

    /** Which direction a step takes. */
    public enum Direction {
        /** That of the momentum. */
        MOMENTUM,
        /** That of the gradient where the momentum leads to. */
        NESTEROV
    }

    /**
     * @param momentum share of the momentum that stays in a step, in [0, 1); 0 for none
     * @param dampening share of the gradient that the momentum does not take up, in [0, 1); 0 for Nesterov's
     * @param direction which direction a step takes
     * @param states in which numbers the momentum is kept
     */
    public record Settings(double momentum, double dampening, Direction direction, StateType states) {
        public Settings {
            boolean nesterov = direction == Direction.NESTEROV;
            require(momentum >= 0 && momentum < 1 && dampening >= 0 && dampening < 1
                            && !(nesterov && (momentum == 0 || dampening > 0)),
                    "sgd", "momentum " + momentum + ", dampening " + dampening + ", " + direction,
                    "both in [0, 1); with NESTEROV momentum > 0 and dampening 0");
        }
    }

    /** @param groups what to train; each parameter is in one of them */
    public Sgd(Settings settings, List<ParameterGroup> groups) {
        super("sgd", groups, settings.states(), parameter -> states(settings, parameter));
        this.settings = settings;
    }

    private static Map<String, Tensor> states(Settings settings, Parameter parameter) {
        Map<String, Tensor> states = new LinkedHashMap<>();
        if (settings.momentum() > 0) {
            states.put(MOMENTUM, zeros(parameter));
            states.put(STEPS, noSteps(parameter));
        }
        return states;
    }

    @Override
    void update(List<Slot> slots, double rate, double weightDecay) {
        if (settings.momentum() == 0) {
            update(slots, List.of(), rate, weightDecay, false);
            return;
        }
        // Parameters may have their first gradient at different times.
        List<Slot> first = slots.stream().filter(slot -> slot.step() == 1).toList();
        List<Slot> later = slots.stream().filter(slot -> slot.state(STEPS).item_double() > 1).toList();
        update(first, states(first, MOMENTUM), rate, weightDecay, true);
        update(later, states(later, MOMENTUM), rate, weightDecay, false);
    }

    private void update(List<Slot> slots, List<Tensor> momenta, double rate, double weightDecay, boolean first) {
        if (!slots.isEmpty()) {
            fused.call(values(slots), gradients(slots), momenta, weightDecay, settings.momentum(), rate,
                    settings.dampening(), settings.direction() == Direction.NESTEROV, false, first, null, null);
        }
    }
}
