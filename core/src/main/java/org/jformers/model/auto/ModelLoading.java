package org.jformers.model.auto;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.LoadMode;
import org.jformers.checkpoint.LoadReport;
import org.jformers.checkpoint.TensorNames;
import org.jformers.model.CommonConfig;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.ModelFamily;
import org.jformers.model.Task;
import org.jformers.nn.Parameter;
import org.jformers.nn.Quantization;
import org.jformers.tensor.DType;
import org.jformers.tensor.MemoryBudget;
import org.jformers.tensor.Scopes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of {@link AutoModel#load(Path, LoadRequest)}. */
final class ModelLoading {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLoading.class);

    private static final long SMALL_PARTS = 1L << 28;

    /** Where the parameters of a head are. */
    private static final String HEAD = "head.";

    private final Path folder;
    private final LoadRequest request;
    private final Set<String> brought;

    /** @param brought names of weights, in checkpoints, that somebody else brings if the folder lacks them */
    ModelLoading(Path folder, LoadRequest request, Set<String> brought) {
        this.folder = folder;
        this.request = request;
        this.brought = brought;
    }

    AutoModel.Loaded run() {
        return request.device().making(this::loaded);
    }

    private AutoModel.Loaded loaded() {
        requireModel();
        Config config = config();
        ModelFamily<?> family = AutoModel.family(config);
        Task task = request.tasks().isEmpty()
                ? AutoModel.declaredTask(config)
                : in(() -> Architectures.wanted(family, config.common().architectures(), request.tasks()));
        Model.Identity tied = in(() -> AutoModel.identity(family, config, task));
        try (Checkpoint checkpoint = open(config)) {
            Map<String, String> contradictions =
                    request.mode().isStrict() ? Map.of() : tied.weights().contradictions(checkpoint);
            Model.Identity identity = contradictions.isEmpty() ? tied : untied(tied, contradictions.keySet());
            Model whole = build(identity, checkpoint);
            Map<String, String> pooler = pooler(whole, checkpoint);
            Model model = pooler.isEmpty() ? whole : withoutPooler(whole, checkpoint);
            LoadReport report = fill(model, checkpoint)
                    .withUntied(contradictions)
                    .withMissing(pooler)
                    .withConfig(ConfigKeys.unread(config));
            log(config, report);
            return new AutoModel.Loaded(model, report);
        }
    }

    /** Tells those who name an adapter as the model what an adapter is. */
    private void requireModel() {
        if (Files.isRegularFile(folder.resolve("adapter_config.json")) && !Checkpoint.isIn(folder)) {
            throw new ConfigException("model folder: got an adapter, allowed models; load its base with it "
                    + "(LoadRequest.withAdapter, --adapter), in " + folder);
        }
    }

    private Checkpoint open(Config config) {
        return Files.isRegularFile(folder) && GgufModels.isNamed(folder)
                ? in(() -> GgufModels.checkpoint(folder, config))
                : Checkpoint.open(folder);
    }

    /** The folder's configuration with the keys that the request changes. */
    private Config config() {
        Config config = AutoConfig.load(folder);
        if (request.config().isEmpty()) {
            return config;
        }
        return in(() -> AutoModel.with(config, AutoModel.family(config), this::changed));
    }

    private ObjectNode changed(ObjectNode json) {
        request.config().forEach((key, value) -> {
            if (value == null) {
                json.remove(key);
            } else {
                json.set(key, ConfigJson.node(value));
            }
        });
        return json;
    }

    private Model build(Model.Identity identity, Checkpoint checkpoint) {
        return in(() -> {
            try (MemoryBudget budget = new MemoryBudget(budget(checkpoint))) {
                return AutoModel.network(identity);
            }
        });
    }

    /**
     * The parameters of a pooler that the checkpoint lacks, if the model is a body that computes all else without it,
     * as that of a checkpoint of a masked language model.
     */
    private Map<String, String> pooler(Model model, Checkpoint checkpoint) {
        Model.Identity identity = model.identity();
        if (request.mode().isStrict() || identity.task() != Task.BASE || identity.spec().withoutPooler().isEmpty()) {
            return Map.of();
        }
        Map<String, String> missing = new LinkedHashMap<>(
                identity.weights().missing(checkpoint, model.network().tensors()));
        missing.keySet().removeIf(name -> !name.startsWith(HEAD) || request.mode().missing().contains(name));
        missing.replaceAll((name, reason) -> reason + "; the model has no pooler");
        return missing;
    }

    private Model withoutPooler(Model whole, Checkpoint checkpoint) {
        Model.Identity identity = whole.identity();
        whole.close();
        return build(
                new Model.Identity(identity.family(), identity.config(), identity.task(), identity.architecture(),
                        identity.spec().withoutPooler().orElseThrow(), identity.weights()),
                checkpoint);
    }

    private LoadReport fill(Model model, Checkpoint checkpoint) {
        try {
            Map<String, Parameter> parameters = model.network().parameters();
            List<String> norms = checkpoint.names().stream()
                    .filter(name -> name.endsWith("gamma") || name.endsWith("beta"))
                    .toList();
            LoadMode mode = request.mode().isStrict()
                    ? request.mode()
                    : request.mode().allowingMissing(parameters.entrySet().stream()
                            .filter(parameter -> parameter.getValue().dispensable()
                                    || isUnreadNorm(model.identity(), parameter.getKey(), norms))
                            .map(Map.Entry::getKey)
                            .toList());
            Set<String> unread = new LinkedHashSet<>();
            LoadReport report = model.identity().weights().load(
                    checkpoint, model.network().tensors(), mode, request.precision(), fresh -> {
                        fresh.stream().filter(name -> isUnreadNorm(model.identity(), name, norms))
                                .forEach(unread::add);
                        start(model, parameters, fresh, unread);
                    }, takers(model, checkpoint));
            return report.explained(unread, "a norm under TensorFlow's name, which the reference does not read here; it"
                    + " computes with scales of 1 and constants of 0, and so does this model");
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Who takes the matrices of linear maps that are to be quantized, by their parameters. */
    private Map<String, Predicate<Tensor>> takers(Model model, Checkpoint checkpoint) {
        if (request.quantization().isPresent()) {
            Quantization kind = request.quantization().get();
            kind.requireProcessor(model.device());
            return kind.takers(model.network());
        }
        boolean kept = request.inference() && Quantization.computes(model.device());
        return kept
                ? checkpoint.grid().flatMap(grid -> Quantization.of(grid.bits(), grid.group()))
                        .map(kind -> kind.exactTakers(model.network())).orElse(Map.of())
                : Map.of();
    }

    /**
     * Whether a checkpoint calls a norm's weights as TensorFlow does, in a module of whose kind the reference does not
     * read them so: it computes with a norm that scales by 1 then, and so do we.
     *
     * @param norms names of the checkpoint that are TensorFlow's
     */
    private static boolean isUnreadNorm(Model.Identity identity, String parameter, List<String> norms) {
        if (norms.isEmpty()) {
            return false;
        }
        String stored = identity.weights().stored(parameter).orElse("");
        String other = stored.replaceAll("\\.weight$", ".gamma").replaceAll("\\.bias$", ".beta");
        return !other.equals(stored)
                && norms.stream().anyMatch(name -> name.endsWith(other) || other.endsWith("." + name));
    }

    private void start(
            Model model, Map<String, Parameter> parameters, Set<String> names, Set<String> unread) {
        List<String> random = names.stream()
                .filter(name -> !Objects.requireNonNull(parameters.get(name)).dispensable() && !unread.contains(name))
                .filter(name -> model.identity().weights().stored(name).filter(brought::contains).isEmpty()).toList();
        if (!unread.isEmpty()) {
            LOG.warn("{}: {} norms are not read under TensorFlow's names, from {} on: they scale by 1 and add 0, as in"
                    + " the reference", folder, unread.size(), unread.iterator().next());
        }
        if (!random.isEmpty() && !request.mode().missing().equals(TensorNames.ALL)) {
            LOG.warn("{}: {} parameters start at random, from {} on", folder, random.size(), random.get(0));
        }
        random.forEach(name -> Objects.requireNonNull(parameters.get(name)).markRandom());
        List<Parameter> fresh = new ArrayList<>();
        names.forEach(name -> fresh.add(parameters.get(name)));
        model.identity().spec().initialization().fill(fresh);
        fresh.stream().map(Parameter::tensor).filter(Tensor::is_floating_point).forEach(this::convert);
    }

    private void convert(Tensor tensor) {
        DType precision = request.precision();
        Scopes.run(() -> tensor.set_data(tensor.to(precision.scalarType())));
    }

    /**
     * The model that does not tie what the checkpoint holds apart, as transformers reads such a folder. A family that
     * ties its output layer alone knows no names; its configuration says so.
     */
    static Model.Identity untied(Model.Identity tied, Collection<String> apart) {
        Model.Identity untied = changed(tied, json -> {
            apart.forEach(json.withArray(CommonConfig.APART)::add);
            return json;
        });
        return apart.stream().noneMatch(untied.weights()::ties)
                ? untied
                : changed(tied, json -> json.put("tie_word_embeddings", false));
    }

    private static Model.Identity changed(Model.Identity model, UnaryOperator<ObjectNode> change) {
        Config config = AutoModel.with(model.config(), model.family(), change);
        return AutoModel.identity(model.family(), config, model.task());
    }

    /** As many parameters as the checkpoint has, once more for parts that it lacks, and something for small heads. */
    private static long budget(Checkpoint checkpoint) {
        return Math.addExact(SMALL_PARTS, Math.multiplyExact(2L * Float.BYTES, checkpoint.elements()));
    }

    private void log(Config config, LoadReport report) {
        if (config.other().containsKey(ConfigKeys.OWN_CODE)) {
            LOG.warn("{} asks for its own code ({}), which is not run: read as {}", folder, ConfigKeys.OWN_CODE,
                    AutoModel.family(config).modelType());
        }
        LOG.debug("{}: {}", folder, report.summary());
    }

    /** Names the file in what the configuration's sizes bring about. */
    private <T> T in(Supplier<T> build) {
        try {
            return build.get();
        } catch (JformersException e) {
            Path file = Files.isDirectory(folder) ? folder.resolve("config.json") : folder;
            throw new ConfigException(e.getMessage() + ", in " + file, e);
        }
    }
}
