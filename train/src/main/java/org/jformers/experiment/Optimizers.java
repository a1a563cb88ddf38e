package org.jformers.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jformers.experiment.Experiment.OptimizerSettings;
import org.jformers.experiment.Experiment.OptimizerSettings.Kind;
import org.jformers.experiment.Experiment.PartSettings;
import org.jformers.model.Model;
import org.jformers.nn.Parameter;
import org.jformers.optim.Adadelta;
import org.jformers.optim.Adafactor;
import org.jformers.optim.Adagrad;
import org.jformers.optim.Adam;
import org.jformers.optim.Composite;
import org.jformers.optim.Lamb;
import org.jformers.optim.Lion;
import org.jformers.optim.Muon;
import org.jformers.optim.Optimizer;
import org.jformers.optim.ParameterGroup;
import org.jformers.optim.RmsProp;
import org.jformers.optim.Schedule;
import org.jformers.optim.Sgd;
import org.jformers.optim.StateType;
import org.jformers.optim.WeightAverage;
import org.jformers.training.Trainable;

/** The optimizer that an experiment's settings ask for. */
final class Optimizers {
    private static final double MUON_MOMENTUM = 0.95;

    private Optimizers() {}

    /** Refuses settings that fit no model, before any data is read. */
    static void check(Experiment experiment) {
        OptimizerSettings settings = experiment.optimizer();
        of(main(settings), settings.states(), List.of()).close();
        new Schedule.AverageDecay(settings.average());
        for (PartSettings part : settings.parts()) {
            of(part, settings.states(), List.of()).close();
            Tuning.pattern("optimizer.parts.pattern", part.pattern());
            if (!(part.rate() > 0)) {
                throw new ExperimentException("optimizer.parts.rate: got " + part.rate() + ", allowed > 0");
            }
        }
    }

    private static PartSettings main(OptimizerSettings s) {
        return new PartSettings("", s.kind(), s.beta1(), s.beta2(), s.epsilon(), s.weightDecay(), 1);
    }

    /** Trains what is not frozen; parameters that no part names are the main optimizer's. */
    static Optimizer of(Experiment experiment, Model model, Trainable trained) {
        OptimizerSettings settings = experiment.optimizer();
        Map<String, Parameter> left = new LinkedHashMap<>(trained.parameters());
        List<Optimizer> optimizers = new ArrayList<>();
        for (PartSettings part : settings.parts()) {
            Map<String, Parameter> own = found(part, settings.parts(), model, trained);
            left.keySet().removeAll(own.keySet());
            optimizers.add(of(part, settings.states(), Tuning.groups(experiment, model, own, part)));
        }
        optimizers.add(of(main(settings), settings.states(),
                Tuning.groups(experiment, model, left, main(settings))));
        Optimizer all = optimizers.size() == 1 ? optimizers.get(0) : new Composite(optimizers);
        return settings.average() > 0
                ? new WeightAverage(all, new Schedule.AverageDecay(settings.average()))
                : all;
    }

    /** The parameters of a part, none of which another part may find. */
    private static Map<String, Parameter> found(
            PartSettings part, List<PartSettings> all, Model model, Trainable trained) {
        Map<String, Parameter> own = new LinkedHashMap<>();
        trained.parameters().forEach((name, parameter) -> {
            Set<String> stored = trained.storedNames(name);
            List<String> finders = all.stream()
                    .map(PartSettings::pattern)
                    .filter(pattern -> finds(pattern, stored))
                    .toList();
            if (finders.contains(part.pattern())) {
                if (finders.size() > 1) {
                    throw new ExperimentException("optimizer.parts: got " + String.join(" and ", finders)
                            + ", which both find " + stored.iterator().next()
                            + ", allowed one of them");
                }
                own.put(name, parameter);
            }
        });
        if (own.isEmpty()) {
            throw new ExperimentException("optimizer.parts: got pattern " + part.pattern()
                    + ", which finds none of the names, allowed for example one that finds "
                    + Tuning.anyStoredName(model));
        }
        return own;
    }

    private static boolean finds(String pattern, Set<String> names) {
        Pattern compiled = Pattern.compile(pattern);
        return names.stream().anyMatch(name -> compiled.matcher(name).find());
    }

    private static Optimizer of(PartSettings s, StateType states, List<ParameterGroup> groups) {
        return switch (s.kind()) {
            case ADAM -> new Adam(adam(s, Adam.Decay.COUPLED, Adam.Variant.CORRECTED, states), groups);
            case ADAMW -> new Adam(adam(s, Adam.Decay.DECOUPLED, Adam.Variant.CORRECTED, states), groups);
            case ADAMW_AMSGRAD -> new Adam(adam(s, Adam.Decay.DECOUPLED, Adam.Variant.AMSGRAD, states), groups);
            case ADAMW_UNCORRECTED ->
                new Adam(adam(s, Adam.Decay.DECOUPLED, Adam.Variant.UNCORRECTED, states), groups);
            case MUON -> new Muon(
                    MUON_MOMENTUM, adam(s, Adam.Decay.DECOUPLED, Adam.Variant.CORRECTED, states), groups);
            case SGD, NESTEROV -> new Sgd(new Sgd.Settings(s.beta1(), 0,
                    s.kind() == Kind.NESTEROV ? Sgd.Direction.NESTEROV : Sgd.Direction.MOMENTUM, states), groups);
            case ADAFACTOR -> new Adafactor(new Adafactor.Settings(
                    Adafactor.Rate.GIVEN, Adafactor.Scale.NONE, s.beta1(), states), groups);
            case ADAFACTOR_RELATIVE -> new Adafactor(new Adafactor.Settings(
                    Adafactor.Rate.RELATIVE, Adafactor.Scale.PARAMETER, s.beta1(), states), groups);
            case LAMB -> new Lamb(new Lamb.Settings(s.beta1(), s.beta2(), s.epsilon(), states), groups);
            case LION -> new Lion(new Lion.Settings(s.beta1(), s.beta2(), states), groups);
            case RMSPROP -> new RmsProp(new RmsProp.Settings(
                    s.beta2(), s.beta1(), s.epsilon(), RmsProp.Scale.MEAN_SQUARE, states), groups);
            case ADAGRAD -> new Adagrad(new Adagrad.Settings(0, 0, s.epsilon(), states), groups);
            case ADADELTA -> new Adadelta(new Adadelta.Settings(s.beta2(), s.epsilon(), states), groups);
        };
    }

    private static Adam.Settings adam(PartSettings s, Adam.Decay decay, Adam.Variant variant, StateType states) {
        return new Adam.Settings(decay, variant, s.beta1(), s.beta2(), s.epsilon(), s.weightDecay(), states);
    }
}
