package org.jformers.experiment;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jformers.experiment.Experiment.LoraSettings;
import org.jformers.experiment.Experiment.OptimizerSettings;
import org.jformers.experiment.Experiment.PartSettings;
import org.jformers.model.Model;
import org.jformers.model.surgery.Lora;
import org.jformers.nn.Parameter;
import org.jformers.optim.ParameterGroup;
import org.jformers.training.TrainedModel;

/** Which parameters of a model change, and at which rate. */
final class Tuning {
    private static final Pattern BLOCK = Pattern.compile("\\.blocks\\.(\\d+)\\.");
    private static final Pattern INPUT = Pattern.compile("\\.input\\.");
    private static final Pattern HEAD = Pattern.compile("^head\\.");

    private Tuning() {}

    /** Refuses settings that fit no model, before any data is read. */
    static void check(Experiment experiment) {
        Optimizers.check(experiment);
        OptimizerSettings optimizer = experiment.optimizer();
        if (!(optimizer.headRate() > 0)) {
            throw new ExperimentException("optimizer.head_rate: got " + optimizer.headRate() + ", allowed > 0");
        }
        if (!(optimizer.layerDecay() > 0 && optimizer.layerDecay() <= 1)) {
            throw new ExperimentException("optimizer.layer_decay: got " + optimizer.layerDecay()
                    + ", allowed in (0, 1]");
        }
        pattern(experiment);
        experiment.model().lora().ifPresent(Tuning::spec);
        Teacher.check(experiment);
        boolean none = experiment.model().from() == null;
        if (none && !experiment.model().layers().isEmpty()) {
            throw new ExperimentException("model.layers: got " + experiment.model().layers()
                    + " without a model to start from, allowed none");
        }
        if (none && experiment.model().weights() == Experiment.Weights.PRETRAINED) {
            throw new ExperimentException("model.weights: got pretrained without a model to start from, allowed"
                    + " random");
        }
    }

    private static Optional<Pattern> pattern(Experiment experiment) {
        return Optional.ofNullable(experiment.model().freeze()).map(text -> pattern("model.freeze", text));
    }

    /** A regular expression that a setting gives. */
    static Pattern pattern(String path, String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new ExperimentException(path + ": " + e.getDescription() + ", got " + e.getPattern(), e);
        }
    }

    private static Lora.Spec spec(LoraSettings settings) {
        return new Lora.Spec(settings.rank(), settings.alpha(), settings.dropout(), settings.targets(),
                settings.rankStabilized());
    }

    /** Adds the adapter, if the run has one, and freezes what stays as it is. */
    static Optional<Lora> apply(Experiment experiment, Model model) {
        Optional<Lora> lora = experiment.model().lora().map(settings -> Lora.attach(model, spec(settings)));
        pattern(experiment).ifPresent(frozen -> freeze(model, frozen));
        if (model.network().parameters().values().stream().noneMatch(Parameter::trained)) {
            throw new ExperimentException(
                    "model.freeze: got " + experiment.model().freeze() + ", which leaves nothing to train");
        }
        return lora;
    }

    private static void freeze(Model model, Pattern pattern) {
        TrainedModel trained = new TrainedModel(model);
        boolean found = false;
        for (Map.Entry<String, Parameter> entry : trained.parameters().entrySet()) {
            if (trained.storedNames(entry.getKey()).stream().anyMatch(name -> pattern.matcher(name).find())) {
                entry.getValue().freeze(true);
                found = true;
            }
        }
        if (!found) {
            throw new ExperimentException("model.freeze: got " + pattern
                    + ", which finds none of the names, allowed for example one that finds " + anyStoredName(model));
        }
    }

    /** A name that its checkpoints have. */
    static String anyStoredName(Model model) {
        return model.identity().weights().stored(model.weights().keySet().iterator().next()).orElse("none");
    }

    /** Those of some parameters of a model that are trained, grouped by rate and decay. */
    static List<ParameterGroup> groups(
            Experiment experiment, Model model, Map<String, Parameter> parameters, PartSettings part) {
        OptimizerSettings settings = experiment.optimizer();
        int layers = model.network().parameters().keySet().stream()
                .mapToInt(name -> block(name).orElse(-1)).max().orElse(-1) + 1;
        if (settings.layerDecay() < 1 && layers == 0) {
            throw new ExperimentException("optimizer.layer_decay: got " + settings.layerDecay()
                    + ", allowed 1 for " + model.identity().architecture() + ", whose layers have no numbers");
        }
        return ParameterGroup.of(parameters, part.weightDecay(), name -> part.rate() * (HEAD.matcher(name).find()
                ? settings.headRate()
                : Math.pow(settings.layerDecay(), layers - depth(name, layers))));
    }

    /** Where a parameter stands: -1 for embeddings, the number of its layer, or behind the last one. */
    private static int depth(String name, int layers) {
        return INPUT.matcher(name).find() ? -1 : block(name).orElse(layers);
    }

    private static OptionalInt block(String name) {
        Matcher matcher = BLOCK.matcher(name);
        return matcher.find() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }
}
