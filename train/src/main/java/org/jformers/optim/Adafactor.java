package org.jformers.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter;

/**
 * Adafactor (arXiv:1804.04235): of the second moment of a matrix only the means of rows and columns are kept, so that
 * its state is as good as nothing. Numbers are those of the reference library.
 *
 * <p>Dimensions: R rows, C columns; further dimensions in front.
 */
public final class Adafactor extends GroupedOptimizer {
    private static final String ROWS = "row_second_moment";
    private static final String COLUMNS = "column_second_moment";
    private static final String SECOND = "second_moment";
    private static final String FIRST = "first_moment";
    private static final double LARGEST_RELATIVE_STEP = 1e-2;
    private static final double RELATIVE_WARMUP = 1e-6;

    private final Settings settings;

    /** What the rate of a step is. */
    public enum Rate {
        /** The schedule's. */
        GIVEN,
        /** The smaller of 0.01 and 1 / sqrt(step), times the schedule's. */
        RELATIVE,
        /** The smaller of a millionth of the step and 1 / sqrt(step), times the schedule's. */
        RELATIVE_WITH_WARMUP
    }

    /** What steps are measured by. */
    public enum Scale {
        /** Nothing: the rate is absolute. */
        NONE,
        /** The root mean square of the parameter, or a least value where that is larger. */
        PARAMETER
    }

    /**
     * @param rate what the rate of a step is
     * @param scale what steps are measured by
     * @param decayExponent the second moment keeps a share of 1 - step^exponent, negative; -0.8 in the paper
     * @param beta1 decay rate of the first moment, in [0, 1); 0 to keep none, as in the paper
     * @param clipping limit on the root mean square of a step before the rate, positive; 1 in the paper
     * @param squareEpsilon added to squared gradients, positive; 1e-30 in the paper
     * @param leastScale the least scale of a parameter, positive; 1e-3 in the paper
     * @param states in which numbers a first moment, and a second one that is not of a matrix, are kept
     */
    public record Settings(
            Rate rate,
            Scale scale,
            double decayExponent,
            double beta1,
            double clipping,
            double squareEpsilon,
            double leastScale,
            StateType states) {
        public Settings {
            require(decayExponent < 0 && beta1 >= 0 && beta1 < 1 && clipping > 0 && squareEpsilon > 0
                            && leastScale > 0,
                    "adafactor",
                    "decay_exponent " + decayExponent + ", beta1 " + beta1 + ", clipping " + clipping
                            + ", square_epsilon " + squareEpsilon + ", least_scale " + leastScale,
                    "decay_exponent < 0, beta1 in [0, 1), the others > 0");
        }

        /** The paper's numbers. */
        public Settings(Rate rate, Scale scale, double beta1, StateType states) {
            this(rate, scale, -0.8, beta1, 1, 1e-30, 1e-3, states);
        }
    }

    /** @param groups what to train; each parameter is in one of them */
    public Adafactor(Settings settings, List<ParameterGroup> groups) {
        super("adafactor", groups, settings.states(), parameter -> states(settings, parameter));
        this.settings = settings;
    }

    private static Map<String, Tensor> states(Settings settings, Parameter parameter) {
        Map<String, Tensor> states = new LinkedHashMap<>();
        Tensor zeros = zeros(parameter);
        if (zeros.dim() >= 2) {
            states.put(ROWS, zeros.select(-1, 0).contiguous());
            states.put(COLUMNS, zeros.select(-2, 0).contiguous());
        } else {
            states.put(SECOND, zeros(parameter));
        }
        if (settings.beta1() > 0) {
            states.put(FIRST, zeros(parameter));
        }
        states.put(STEPS, noSteps(parameter));
        return states;
    }

    @Override
    void update(List<Slot> slots, double scheduled, double weightDecay) {
        slots.forEach(slot -> {
            double steps = slot.step();
            double rate = scheduled * relative(steps);
            if (settings.scale() == Scale.PARAMETER) {
                rate *= Math.max(settings.leastScale(), rootMeanSquare(slot.value()));
            }
            Tensor step = direction(slot, 1 - Math.pow(steps, settings.decayExponent()));
            step.div_(new Scalar(Math.max(1, rootMeanSquare(step) / settings.clipping()))).mul_(new Scalar(rate));
            if (settings.beta1() > 0) {
                step = slot.state(FIRST).mul_(new Scalar(settings.beta1()))
                        .add_(step, new Scalar(1 - settings.beta1()));
            }
            slot.decay(rate * weightDecay);
            slot.value().sub_(step);
        });
    }

    private double relative(double steps) {
        return switch (settings.rate()) {
            case GIVEN -> 1;
            case RELATIVE -> Math.min(LARGEST_RELATIVE_STEP, 1 / Math.sqrt(steps));
            case RELATIVE_WITH_WARMUP -> Math.min(RELATIVE_WARMUP * steps, 1 / Math.sqrt(steps));
        };
    }

    /** The gradient over the root of its second moment, a tensor of its own. */
    private Tensor direction(Slot slot, double kept) {
        Tensor gradient = slot.gradient();
        Tensor square = gradient.square().add_(new Scalar(settings.squareEpsilon()));
        Scalar share = new Scalar(kept);
        Scalar taken = new Scalar(1 - kept);
        if (gradient.dim() < 2) {
            return slot.state(SECOND).mul_(share).add_(square, taken).rsqrt().mul_(gradient);
        }
        Tensor rows_R = slot.state(ROWS).mul_(share).add_(mean(square, -1, false), taken);
        Tensor columns_C = slot.state(COLUMNS).mul_(share).add_(mean(square, -2, false), taken);
        Tensor rowFactor_R1 = rows_R.div(mean(rows_R, -1, true)).rsqrt_().unsqueeze(-1);
        return rowFactor_R1.mul(columns_C.unsqueeze(-2).rsqrt()).mul_(gradient);
    }

    private static Tensor mean(Tensor values, long dimension, boolean keep) {
        return values.mean(new long[] {dimension}, keep, new ScalarTypeOptional());
    }

    private static double rootMeanSquare(Tensor values) {
        return values.norm().item_double() / Math.sqrt(values.numel());
    }
}
