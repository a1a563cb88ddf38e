package org.jformers.model.auto;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.LoadMode;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.surgery.HeadPruning;
import org.jformers.model.surgery.LayerSelection;
import org.jformers.model.surgery.LoraAdapter;
import org.jformers.model.surgery.Resizing;
import org.jformers.nn.PackedWeights;
import org.jformers.nn.Parameter;
import org.jformers.tensor.DType;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;

/**
 * Makes models: from a folder with weights, or new from a configuration. The family follows from {@code model_type}.
 */
public final class AutoModel {
    private AutoModel() {}

    /**
     * A model and how its weights were found.
     *
     * @param model the model, dropout off; the caller closes it
     * @param report which names were missing, unexpected or mismatched
     */
    public record Loaded(Model model, LoadReport report) {}

    /**
     * Loads a folder, or a GGUF file, for the task that its {@code architectures} name.
     *
     * @throws org.jformers.JformersException if the folder, its config or its weights do not fit, or lack anything that
     *     the model computes with
     */
    public static Model load(Path folder) {
        return load(folder, LoadRequest.DECLARED).model();
    }

    /**
     * Loads a folder, the model of an id such as {@code org/name} or {@code org/name@revision}, from the hub's cache or
     * the hub, or whatever else {@link ModelSource} takes.
     *
     * @throws org.jformers.hub.HubException if it is neither, or the model cannot be had
     */
    public static Model load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /**
     * Loads a folder for a task.
     *
     * @throws org.jformers.JformersException if the folder, its config or its weights do not fit, or lack anything that
     *     the model computes with and the mode does not let pass
     */
    public static Loaded load(Path folder, Task task, LoadMode mode) {
        return load(folder, LoadRequest.of(task).withMode(mode));
    }

    /**
     * The same with parameters of another floating-point type than float32. Weights that are stored in it are used
     * where they are mapped; others are converted, one at a time.
     *
     * @param precision float32, bfloat16, float16 or float64
     * @throws org.jformers.JformersException if the folder, its config or its weights do not fit
     */
    public static Loaded load(Path folder, Task task, LoadMode mode, DType precision) {
        return load(folder, LoadRequest.of(task).withMode(mode).withPrecision(precision));
    }

    /**
     * Loads a folder as the request says. Parameters that it lets start at random, such as those of a new head,
     * start as the family's initialisation says, drawn from the process's generator.
     *
     * @throws org.jformers.JformersException if the folder, its config or its weights do not fit the request
     */
    public static Loaded load(Path folder, LoadRequest request) {
        Loaded loaded = request.adapter().isPresent()
                ? AdaptedLoading.run(folder, request, LoraAdapter.open(request.adapter().get()))
                : new ModelLoading(folder, request, Set.of()).run();
        Model model = loaded.model();
        try {
            request.quantization().ifPresent(kind -> kind.applyToRest(model.network()));
            if (request.inference()) {
                PackedWeights.pack(model.network());
            }
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
        model.reported(loaded.report());
        return loaded;
    }

    /** Loads a folder with a LoRA adapter merged into it; see {@link LoraAdapter}. */
    public static Model load(Path base, Path adapter) {
        return load(base, LoadRequest.DECLARED.withAdapter(adapter)).model();
    }

    /**
     * Makes a new model with random parameters, on the device that {@link Device#AUTO} stands for. They follow from the
     * seed alone; a thread's own generator of random numbers, if one is open, is seeded for it and goes on from there.
     */
    public static Model create(Config config, Task task, long seed) {
        Model model = Device.AUTO.making(() -> build(config, task));
        if (Seeds.hasOwn()) {
            Seeds.seed(seed);
            initialize(model);
        } else {
            try (Seeds.Own own = Seeds.own(seed)) {
                initialize(model);
            }
        }
        return model;
    }

    /**
     * Whether a model of this configuration can be made, found out by making one without numbers in it.
     *
     * @throws ConfigException naming what does not fit
     */
    public static void check(Config config, Task task) {
        build(config, task).close();
    }

    /**
     * What a model of this configuration reads, by the names of {@link org.jformers.model.ModelInputs}.
     *
     * @throws ConfigException naming what does not fit
     */
    public static Set<String> inputs(Config config, Task task) {
        try (Model model = build(config, task)) {
            return model.takes();
        }
    }

    /**
     * A model of this configuration as data.
     *
     * @throws ConfigException naming what does not fit
     */
    public static ModelSpec spec(Config config, Task task) {
        return identity(family(config), config, task).spec();
    }

    /**
     * Refuses a configuration whose model sees what comes behind a token; see {@link Model#requireCausal}.
     *
     * @param use what needs the next token predicted, named in the error
     */
    public static void requireCausal(Config config, Task task, String use) {
        try (Model model = build(config, task)) {
            model.requireCausal(use);
        }
    }

    private static void initialize(Model model) {
        model.identity().spec().initialization().fill(model.network().parameters().values());
    }

    /** The same model over a vocabulary of another size; see {@link #resized(Model, Resizing)}. */
    public static Model resized(Model model, int vocabSize) {
        return resized(model, Resizing.to(vocabSize));
    }

    /**
     * The same model over a vocabulary of another size, for tokens added to its tokenizer, in the same number formats.
     * The vectors of the first tokens stay; the generator of {@link Seeds} draws what is random in new ones. Output
     * layers and their constants follow.
     *
     * @return a new model; the old one stays open and the caller's
     * @throws ConfigException if the model has no vocabulary
     */
    public static Model resized(Model model, Resizing resizing) {
        Config config = with(model.config(), model.identity().family(), resizing::write);
        Model resized = model.device().making(() -> build(config, model.identity().task()));
        Map<String, Tensor> old = model.network().tensors();
        Map<String, Parameter> other = new LinkedHashMap<>(resized.network().parameters());
        other.entrySet().removeIf(parameter -> Arrays.equals(
                of(old, parameter.getKey()).shape(), parameter.getValue().tensor().shape()));
        if (other.isEmpty() && !config.equals(model.config())) {
            resized.close();
            throw new ConfigException("vocabulary: got " + model.identity().architecture()
                    + " to resize, allowed models whose config has a vocab_size of its own");
        }
        resized.identity().spec().initialization().fill(other.values());
        try (NoGrad noGrad = new NoGrad()) {
            resizing.fill(other, old);
            resized.network().tensors().forEach((name, tensor) -> Scopes.run(() -> tensor.set_data(
                    other.containsKey(name) ? tensor.to(Tensors.type(of(old, name))) : of(old, name).clone())));
        }
        return resized;
    }

    /**
     * The same model without some heads of self-attention, whose maps become narrower. It computes what the whole model
     * does with a {@code head_mask} that is 0 for them. The configuration keeps them as {@code pruned_heads}.
     *
     * @param heads by layer, numbered as in the model that nothing was removed from; where layers share their
     *     parameters, by block
     * @return a new model; the old one stays open and the caller's
     * @throws ConfigException if there are no such heads, none would be left, or the model cannot do without some
     */
    public static Model pruned(Model model, Map<Integer, ? extends Collection<Integer>> heads) {
        HeadPruning pruning = new HeadPruning(model, heads);
        Config config = with(model.config(), model.identity().family(), pruning::write);
        Model pruned = model.device().making(() -> build(config, model.identity().task()));
        Map<String, Tensor> old = model.network().tensors();
        try (NoGrad noGrad = new NoGrad()) {
            pruned.network().tensors().forEach((name, tensor) ->
                    Scopes.run(() -> tensor.set_data(pruning.left(name, of(old, name), tensor).clone())));
        }
        return pruned;
    }

    /**
     * A model of some of the layers, which a student begins with; see {@link LayerSelection}.
     *
     * @param layers numbers from 0 of those that stay, ascending
     * @return a new model; the old one stays open and the caller's
     * @throws ConfigException if there are no such layers, or they cannot be told apart
     */
    public static Model withLayers(Model model, List<Integer> layers) {
        LayerSelection selection = new LayerSelection(model, layers);
        Config config = with(model.config(), model.identity().family(), selection::write);
        Model smaller = model.device().making(() -> build(config, model.identity().task()));
        Map<String, Parameter> whole = model.network().parameters();
        try (NoGrad noGrad = new NoGrad()) {
            smaller.network().parameters().forEach((name, parameter) -> {
                Parameter old = Objects.requireNonNull(whole.get(selection.whole(name)), name);
                Scopes.run(() -> parameter.tensor().set_data(old.tensor().clone()));
                if (old.random()) {
                    parameter.markRandom();
                }
            });
        }
        return smaller;
    }

    private static Tensor of(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    /**
     * The task that a config's {@code architectures} name. A name that the family does not have is read as what it
     * says, as {@code ForCausalLM} within it; if it says nothing, or there is none, it is the body alone, or all of an
     * encoder-decoder.
     */
    public static Task declaredTask(Config config) {
        return Architectures.declared(family(config), config.common().architectures())
                .orElseGet(() -> family(config).architectures().containsValue(Task.BASE) ? Task.BASE : Task.SEQ2SEQ_LM);
    }

    /**
     * The task that a {@link LoadRequest} of several gives: the declared one if it is among them, otherwise the first
     * that the family has.
     *
     * @throws ConfigException if the family has none of them
     */
    public static Task oneOf(Config config, List<Task> tasks) {
        return Architectures.wanted(family(config), config.common().architectures(), tasks);
    }

    /** A configuration with some keys changed. */
    static Config with(Config config, ModelFamily<?> family, UnaryOperator<ObjectNode> change) {
        ObjectNode json = ConfigJson.of(config).put("model_type", family.modelType());
        return AutoConfig.parse(change.apply(json), "the changed configuration");
    }

    private static Model build(Config config, Task task) {
        return network(identity(family(config), config, task));
    }

    static Model network(Model.Identity identity) {
        // Modules keep what they own; what else is made on the way goes.
        return Scopes.get(() -> checked(identity.family(), () -> identity.spec().build(identity)));
    }

    /** Sizes that no part can have come from the config, whatever the part calls them. */
    private static <T> T checked(ModelFamily<?> family, Supplier<T> build) {
        try {
            return build.get();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(family.modelType() + ": " + e.getMessage(), e);
        }
    }

    static <C extends Config> Model.Identity identity(ModelFamily<C> family, Config config, Task task) {
        C own = family.configType().cast(config);
        ConfigKeys.requireReadable(family, config);
        Map<Task, String> names = new LinkedHashMap<>();
        family.architectures().forEach((name, t) -> names.put(t, name));
        if (!names.containsKey(task)) {
            throw new ConfigException(
                    family.modelType() + ": got task " + task + ", allowed " + family.architectures().values());
        }
        return checked(family, () -> new Model.Identity(
                family, config, task, names.get(task), spec(family, own, task), family.weights(own, task)));
    }

    private static <C extends Config> ModelSpec spec(ModelFamily<C> family, C config, Task task) {
        Map<Integer, Set<Integer>> pruned = config.common().prunedHeads();
        ModelSpec whole = family.spec(config, task);
        return pruned.isEmpty() ? whole : whole.withoutHeads(pruned);
    }

    static ModelFamily<?> family(Config config) {
        List<ModelFamily<?>> readers = new ArrayList<>(ModelFamilies.all());
        readers.removeIf(family -> !family.configType().isInstance(config));
        // Families may share a config record; then its model_type says which one it is.
        return readers.stream()
                .filter(family -> family.modelType().equals(config.common().values().get("model_type")))
                .findFirst()
                .orElseGet(() -> readers.get(0));
    }
}
