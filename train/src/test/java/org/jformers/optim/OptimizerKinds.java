package org.jformers.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Every kind of optimizer, for tests that hold for all of them. */
public final class OptimizerKinds {
    private OptimizerKinds() {}

    /** By name, on groups; with a rate at which each learns. */
    public record Kind(double rate, Function<List<ParameterGroup>, Optimizer> of) {}

    /** All of them, with states of a type. */
    public static Map<String, Kind> all(StateType states) {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        Adam.Settings adamw = adam(Adam.Variant.CORRECTED, states);
        kinds.put("adamw", new Kind(0.01, groups -> new Adam(adamw, groups)));
        kinds.put("adamw_amsgrad", new Kind(0.01, groups -> new Adam(adam(Adam.Variant.AMSGRAD, states), groups)));
        kinds.put("adamw_uncorrected",
                new Kind(0.003, groups -> new Adam(adam(Adam.Variant.UNCORRECTED, states), groups)));
        kinds.put("muon", new Kind(0.01, groups -> new Muon(0.95, adamw, groups)));
        kinds.put("sgd", new Kind(0.1, groups -> new Sgd(
                new Sgd.Settings(0, 0, Sgd.Direction.MOMENTUM, states), groups)));
        kinds.put("momentum", new Kind(0.03, groups -> new Sgd(
                new Sgd.Settings(0.9, 0.1, Sgd.Direction.MOMENTUM, states), groups)));
        kinds.put("nesterov", new Kind(0.03, groups -> new Sgd(
                new Sgd.Settings(0.9, 0, Sgd.Direction.NESTEROV, states), groups)));
        kinds.put("adafactor", new Kind(0.01, groups -> new Adafactor(
                new Adafactor.Settings(Adafactor.Rate.GIVEN, Adafactor.Scale.NONE, 0.9, states), groups)));
        kinds.put("adafactor_relative", new Kind(3, groups -> new Adafactor(
                new Adafactor.Settings(Adafactor.Rate.RELATIVE, Adafactor.Scale.PARAMETER, 0, states), groups)));
        kinds.put("lamb", new Kind(0.03, groups -> new Lamb(new Lamb.Settings(0.9, 0.98, 1e-6, states), groups)));
        kinds.put("lion", new Kind(0.003, groups -> new Lion(new Lion.Settings(0.9, 0.99, states), groups)));
        kinds.put("rmsprop", new Kind(0.003, groups -> new RmsProp(
                new RmsProp.Settings(0.98, 0.5, 1e-8, RmsProp.Scale.VARIANCE, states), groups)));
        kinds.put("adagrad", new Kind(0.05, groups -> new Adagrad(
                new Adagrad.Settings(0.001, 0.1, 1e-10, states), groups)));
        kinds.put("adadelta", new Kind(1, groups -> new Adadelta(new Adadelta.Settings(0.9, 1e-4, states), groups)));
        kinds.put("average", new Kind(0.01, groups -> new WeightAverage(
                new Adam(adamw, groups), new Schedule.AverageDecay(0.99))));
        kinds.put("composite", new Kind(0.01, groups -> new Composite(List.of(
                new Lion(new Lion.Settings(0.9, 0.99, states), groups.subList(0, 1)),
                new Adam(adamw, groups.subList(1, groups.size()))))));
        return kinds;
    }

    private static Adam.Settings adam(Adam.Variant variant, StateType states) {
        return new Adam.Settings(Adam.Decay.DECOUPLED, variant, 0.9, 0.98, 1e-9, 0.01, states);
    }
}
