package org.jformers.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jformers.experiment.Experiment.Weights;
import org.jformers.hub.ModelSource;
import org.jformers.model.Config;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.nn.Parameter;
import org.jformers.training.report.ReportData;

/**
 * What a run starts from: the folder of a model, or a configuration.
 *
 * @param experiment what is run
 * @param folder the folder of the model that the experiment names, which is fetched first; empty for a new model
 */
public record RunStart(Experiment experiment, Optional<Path> folder) {

    /** Fetches the model that an experiment names, if it names one. */
    static RunStart of(Experiment experiment) {
        return new RunStart(experiment, Optional.ofNullable(experiment.model().from()).map(ModelSource::folder));
    }

    /** A new model of the experiment's configuration, changed by what follows from the data. */
    public Model create(ObjectNode config, Task task) {
        return AutoModel.create(AutoConfig.parse(config, "experiment " + experiment.name()), task, experiment.seed());
    }

    /**
     * The configuration to start from: that of the folder with the keys that the experiment changes, or the new one.
     */
    public Config config() {
        ObjectNode changed = experiment.model().config();
        if (folder.isEmpty()) {
            return AutoConfig.parse(changed, "experiment " + experiment.name());
        }
        Config config = AutoConfig.load(folder.get());
        ObjectNode json = ConfigJson.of(config);
        json.set("model_type", ConfigJson.node(Objects.requireNonNull(
                config.common().values().get("model_type"), "a folder's config has its family")));
        json.setAll(changed);
        return AutoConfig.parse(json, folder.get() + " with model.config");
    }

    /**
     * The model of the folder as a task needs it, with the keys of its configuration that the experiment changes; its
     * parameters are those of the checkpoint or drawn anew, as the experiment says.
     */
    public Model load(LoadRequest request) {
        LoadRequest changed = request;
        for (Map.Entry<String, JsonNode> key : experiment.model().config().properties()) {
            changed = changed.withConfig(key.getKey(), key.getValue());
        }
        Model model = layers(AutoModel.load(folder.orElseThrow(), changed).model());
        if (experiment.model().weights() == Weights.RANDOM) {
            model.identity().spec().initialization().fill(model.network().parameters().values());
        }
        return model;
    }

    /**
     * What the model that the run starts from is worth, for the report; nothing where it knows nothing: where the run
     * has none, or its parameters, or some of them, are drawn.
     *
     * @param model makes it as the run did; it is closed here
     * @param values what is measured of it
     */
    public Optional<ReportData.Result> before(Supplier<Model> model, Function<Model, List<Double>> values) {
        if (folder.isEmpty() || experiment.model().weights() == Weights.RANDOM) {
            return Optional.empty();
        }
        try (Model started = model.get()) {
            return started.network().parameters().values().stream().anyMatch(Parameter::random)
                    ? Optional.empty()
                    : Optional.of(new ReportData.Result(
                            "before training", "the model to start from", values.apply(started)));
        }
    }

    /** The same model, or those of its layers that the experiment keeps. */
    private Model layers(Model whole) {
        if (experiment.model().layers().isEmpty()) {
            return whole;
        }
        try (whole) {
            return AutoModel.withLayers(whole, experiment.model().layers());
        }
    }
}
