package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jformers.conformance.FileChecks.Unsupported;
import org.jformers.optim.Adadelta;
import org.jformers.optim.Adafactor;
import org.jformers.optim.Adagrad;
import org.jformers.optim.Adam;
import org.jformers.optim.Lamb;
import org.jformers.optim.Lion;
import org.jformers.optim.Optimizer;
import org.jformers.optim.ParameterGroup;
import org.jformers.optim.RmsProp;
import org.jformers.optim.Sgd;
import org.jformers.optim.StateType;

/** Optimizers by the reference's names and arguments, with its defaults. */
final class ReferenceOptimizers {
    private static final StateType STATES = StateType.FLOAT32;

    private ReferenceOptimizers() {}

    /**
     * An optimizer of the reference.
     *
     * @param name of the reference, maybe with more behind it, which tells cases apart
     * @param groups what it trains
     */
    static Optimizer of(String name, JsonNode json, List<ParameterGroup> groups) {
        Arguments arguments = new Arguments(json);
        arguments.number("lr", 0); // the schedule's
        weightDecay(name, arguments); // the groups'
        Optimizer optimizer = of(name, arguments, groups);
        if (!arguments.unread().isEmpty()) {
            optimizer.close();
            throw new Unsupported("arguments " + arguments.unread() + " of " + name);
        }
        return optimizer;
    }

    /** The rate that a schedule is made with; that of Adafactor with relative steps is a factor. */
    static double rate(String name, JsonNode arguments) {
        double otherwise = name.startsWith("sgd") || name.startsWith("adam") ? 1e-3 : 1;
        return arguments.path("lr").asDouble(otherwise);
    }

    static double weightDecay(String name, JsonNode arguments) {
        return weightDecay(name, new Arguments(arguments));
    }

    private static double weightDecay(String name, Arguments a) {
        boolean decays = name.startsWith("adamw") && !isUncorrected(name);
        return a.number("weight_decay", decays ? 0.01 : 0);
    }

    private static boolean isUncorrected(String name) {
        return name.contains("no_bias_correction");
    }

    private static Optimizer of(String name, Arguments a, List<ParameterGroup> groups) {
        if (name.startsWith("adafactor")) {
            return new Adafactor(adafactor(a), groups);
        }
        if (name.startsWith("adagrad")) {
            return new Adagrad(new Adagrad.Settings(a.number("lr_decay", 0), a.number("initial_accumulator_value", 0),
                    a.number("eps", 1e-10), STATES), groups);
        }
        if (name.startsWith("adadelta")) {
            return new Adadelta(new Adadelta.Settings(a.number("rho", 0.9), a.number("eps", 1e-6), STATES), groups);
        }
        if (name.startsWith("adam")) {
            return new Adam(adam(name, a), groups);
        }
        if (name.startsWith("sgd")) {
            return new Sgd(new Sgd.Settings(a.number("momentum", 0), a.number("dampening", 0),
                    a.flag("nesterov", false) ? Sgd.Direction.NESTEROV : Sgd.Direction.MOMENTUM, STATES), groups);
        }
        if (name.startsWith("rmsprop")) {
            return new RmsProp(new RmsProp.Settings(a.number("alpha", 0.99), a.number("momentum", 0),
                    a.number("eps", 1e-8),
                    a.flag("centered", false) ? RmsProp.Scale.VARIANCE : RmsProp.Scale.MEAN_SQUARE, STATES), groups);
        }
        if (name.startsWith("lamb")) {
            return new Lamb(new Lamb.Settings(
                    a.number("betas", 0, 0.9), a.number("betas", 1, 0.999), a.number("eps", 1e-6), STATES), groups);
        }
        if (name.startsWith("lion")) {
            return new Lion(
                    new Lion.Settings(a.number("betas", 0, 0.9), a.number("betas", 1, 0.99), STATES), groups);
        }
        throw new Unsupported("optimizer " + name);
    }

    private static Adam.Settings adam(String name, Arguments a) {
        Adam.Variant variant = a.flag("amsgrad", false) ? Adam.Variant.AMSGRAD : Adam.Variant.CORRECTED;
        boolean uncorrected = isUncorrected(name);
        return new Adam.Settings(
                name.startsWith("adamw") ? Adam.Decay.DECOUPLED : Adam.Decay.COUPLED,
                uncorrected ? Adam.Variant.UNCORRECTED : variant,
                a.number("betas", 0, 0.9), a.number("betas", 1, 0.999), a.number("eps", uncorrected ? 1e-6 : 1e-8),
                0, STATES);
    }

    private static Adafactor.Settings adafactor(Arguments a) {
        Adafactor.Rate relative = a.flag("warmup_init", false)
                ? Adafactor.Rate.RELATIVE_WITH_WARMUP
                : Adafactor.Rate.RELATIVE;
        return new Adafactor.Settings(
                a.flag("relative_step", true) ? relative : Adafactor.Rate.GIVEN,
                a.flag("scale_parameter", true) ? Adafactor.Scale.PARAMETER : Adafactor.Scale.NONE,
                a.number("decay_rate", -0.8), a.number("beta1", 0), a.number("clip_threshold", 1),
                a.number("eps", 0, 1e-30), a.number("eps", 1, 1e-3), STATES);
    }
}
