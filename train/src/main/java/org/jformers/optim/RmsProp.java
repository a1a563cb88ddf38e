package org.jformers.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter;

/**
 * RMSProp (Tieleman and Hinton 2012): steps over the root of a running mean of the squared gradients, as PyTorch
 * defines it. Weight decay is added to the gradient.
 */
public final class RmsProp extends GroupedOptimizer {
    private static final String SQUARE = "mean_square";
    private static final String MEAN = "mean";
    private static final String MOMENTUM = "momentum";

    private final Settings settings;

    /** What the root is taken of. */
    public enum Scale {
        /** The mean square. */
        MEAN_SQUARE,
        /** The variance: the mean square without the square of the mean (Graves 2013). */
        VARIANCE
    }

    /**
     * @param smoothing share of the means that stays in a step, in [0, 1)
     * @param momentum share of the momentum that stays in a step, in [0, 1); 0 for none
     * @param epsilon added to the root, positive
     * @param scale what the root is taken of
     * @param states in which numbers means and momentum are kept
     */
    public record Settings(double smoothing, double momentum, double epsilon, Scale scale, StateType states) {
        public Settings {
            require(smoothing >= 0 && smoothing < 1 && momentum >= 0 && momentum < 1 && epsilon > 0, "rmsprop",
                    "smoothing " + smoothing + ", momentum " + momentum + ", epsilon " + epsilon,
                    "smoothing and momentum in [0, 1), epsilon > 0");
        }
    }

    /** @param groups what to train; each parameter is in one of them */
    public RmsProp(Settings settings, List<ParameterGroup> groups) {
        super("rmsprop", groups, settings.states(), parameter -> states(settings, parameter));
        this.settings = settings;
    }

    private static Map<String, Tensor> states(Settings settings, Parameter parameter) {
        Map<String, Tensor> states = new LinkedHashMap<>();
        states.put(SQUARE, zeros(parameter));
        if (settings.scale() == Scale.VARIANCE) {
            states.put(MEAN, zeros(parameter));
        }
        if (settings.momentum() > 0) {
            states.put(MOMENTUM, zeros(parameter));
        }
        return states;
    }

    @Override
    void update(List<Slot> slots, double rate, double weightDecay) {
        Scalar kept = new Scalar(settings.smoothing());
        Scalar taken = new Scalar(1 - settings.smoothing());
        slots.forEach(slot -> {
            Tensor gradient = slot.coupledGradient(weightDecay);
            Tensor square = slot.state(SQUARE).mul_(kept).addcmul_(gradient, gradient, taken);
            Tensor scale = square;
            if (settings.scale() == Scale.VARIANCE) {
                Tensor mean = slot.state(MEAN).lerp_(gradient, taken);
                scale = square.addcmul(mean, mean, new Scalar(-1));
            }
            scale = scale.sqrt().add_(new Scalar(settings.epsilon()));
            if (settings.momentum() > 0) {
                Tensor momentum = slot.state(MOMENTUM).mul_(new Scalar(settings.momentum()))
                        .addcdiv_(gradient, scale, new Scalar(1));
                slot.value().add_(momentum, new Scalar(-rate));
            } else {
                slot.value().addcdiv_(gradient, scale, new Scalar(-rate));
            }
        });
    }
}
