package org.jformers.model.surgery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.checkpoint.TensorFile;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.nn.Linear;
import org.jformers.tensor.Scopes;
import org.jformers.text.ForeignJson;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank matrices in training on a model whose own weights are frozen, all but those of its head where it has one of
 * its task, and what the settings name. Saved as PEFT 0.21 does, so that Python, {@link LoraAdapter} and {@link
 * Adapters} read it. Source: arXiv:2106.09685.
 */
public final class Lora {
    /** The target that stands for every linear map but an output layer. */
    public static final String ALL_LINEAR = "all-linear";

    private final Model model;
    private final LoraMatrices matrices;
    private final WholeWeights whole;
    private final ObjectNode config;

    /** Which constants are trained beside the matrices. */
    public enum Bias {
        /** None. */
        NONE,
        /** Those of all modules. */
        ALL,
        /** Those of the maps that have matrices added. */
        LORA_ONLY
    }

    /** How A starts; B is zero, so that the model computes as before. */
    public enum Start {
        /** Uniform, as the engine starts a linear map. */
        UNIFORM,
        /** Normal, with a deviation of 1 / r. */
        GAUSSIAN
    }

    /**
     * A new adapter.
     *
     * @param rank r, at least 1
     * @param alpha what is added is scaled by alpha / r
     * @param dropout rate on the input of the added matrices, in [0, 1)
     * @param targets names of maps as checkpoints have them, whole or their ends, {@code *} for any characters; {@link
     *     #ALL_LINEAR} for all of them; the usual ones of the kind of model if empty
     * @param rankStabilized whether the scale is alpha / sqrt(r) instead (arXiv:2312.03732)
     * @param modulesToSave names of modules, or their ends, that are trained whole and saved with the adapter, besides
     *     a head that classifies
     * @param bias which constants are trained too
     * @param start how A starts
     */
    public record Spec(
            int rank,
            double alpha,
            double dropout,
            List<String> targets,
            boolean rankStabilized,
            List<String> modulesToSave,
            Bias bias,
            Start start) {
        public Spec {
            targets = List.copyOf(targets);
            modulesToSave = List.copyOf(modulesToSave);
            if (rank < 1 || !(alpha > 0) || !(dropout >= 0 && dropout < 1)) {
                throw new ConfigException("lora: got rank " + rank + ", alpha " + alpha + ", dropout " + dropout
                        + ", allowed rank >= 1, alpha > 0, dropout in [0, 1)");
            }
        }

        /** With no module, and no constant, trained whole but a head that classifies. */
        public Spec(int rank, double alpha, double dropout, List<String> targets, boolean rankStabilized) {
            this(rank, alpha, dropout, targets, rankStabilized, List.of(), Bias.NONE, Start.UNIFORM);
        }

        private double scale() {
            return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
        }
    }

    private Lora(Model model, LoraMatrices matrices, WholeWeights whole, ObjectNode config) {
        this.model = model;
        this.matrices = matrices;
        this.whole = whole;
        this.config = config;
        Set<String> trained = whole.parameters(model).keySet();
        model.network().parameters().forEach((name, parameter) -> parameter.freeze(!trained.contains(name)));
        Map<String, Linear> maps = model.network().linears();
        matrices.kernels().forEach((path, kernel) ->
                Objects.requireNonNull(maps.get(path)).replaceKernel("lowRank", kernel));
    }

    /**
     * Freezes a model, but its head and what started at random because the base lacks it, and adds new matrices to it.
     * It computes as before until it is trained.
     *
     * @throws ConfigException if no map has such a name, a map cannot be changed alone, or the model has an adapter
     */
    public static Lora attach(Model model, Spec spec) {
        requireNone(model);
        return Scopes.get(() -> attached(model, spec));
    }

    private static Lora attached(Model model, Spec spec) {
        Set<String> head = WholeWeights.ofHead(model);
        Set<String> modules = WholeWeights.modules(model, spec.modulesToSave());
        Set<String> names = new LinkedHashSet<>(head);
        names.addAll(WholeWeights.ofModules(model, modules));
        Map<String, MapRows> maps = MapRows.all(model);
        maps.keySet().removeIf(module -> names.contains(module + ".weight"));
        LoraTargets targets = new LoraTargets(model, maps);
        Map<String, MapRows> chosen = targets.chosen(spec.targets());
        names.addAll(WholeWeights.ofBias(model, spec.bias(), chosen.keySet()));
        WholeWeights whole = WholeWeights.named(names, chosen.keySet());
        whole.parameters(model); // so that nothing is made where they cannot be trained
        List<LoraMatrices.Target> parts = new ArrayList<>();
        chosen.forEach((module, rows) -> parts.add(
                new LoraMatrices.Target(module, rows, spec.rank(), spec.scale(), spec.dropout())));
        LoraMatrices matrices = new LoraMatrices(parts, model.device());
        matrices.start(spec.start());
        LoraConfig config = new LoraConfig(model, spec, head, modules, targets.named(spec.targets(), chosen.keySet()),
                chosen.values().stream().anyMatch(MapRows::transposed));
        return new Lora(model, matrices, whole, config.json());
    }

    /**
     * Adds the matrices of an adapter that was saved to a model, to train it further: the model computes as with the
     * adapter merged. Freezes all else.
     *
     * @throws CheckpointException if they do not fit the model
     * @throws ConfigException if the adapter has what can be merged only, or the model has an adapter
     */
    public static Lora load(Model model, Path folder) {
        requireNone(model);
        AdapterFolder adapter = AdapterFolder.open(folder);
        Set<String> apart = LoraAdapter.open(folder).apart(model);
        if (!apart.isEmpty()) {
            throw new CheckpointException("adapter: it changes " + apart + " by themselves, which the model ties to"
                    + " other weights, so that it can be merged only, in " + folder);
        }
        return Scopes.get(() -> {
            try (TensorFile file = adapter.file()) {
                WholeWeights whole = WholeWeights.read(adapter, file, model);
                whole.parameters(model);
                LoraMatrices matrices = LoraMatrices.read(adapter, file, model);
                whole.copy(file, model);
                return new Lora(model, matrices, whole, adapter.settings());
            }
        });
    }

    /** Refuses a model that computes with an adapter already. */
    static void requireNone(Model model) {
        if (model.network().linears().values().stream().anyMatch(map -> !map.isDense())) {
            throw new ConfigException("adapter: got a model that has one, allowed models without; several stand beside"
                    + " one base by Adapters");
        }
    }

    /** Names of the modules that have matrices added, as the adapter's files have them. */
    public List<String> modules() {
        return matrices.targets().stream().map(LoraMatrices.Target::module).toList();
    }

    /** A and B of each module under PEFT's names, and what is trained whole; views of the parameters. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> named = matrices.tensors();
        named.putAll(whole.tensors(model));
        return named;
    }

    /**
     * Writes {@code adapter_config.json} and {@code adapter_model.safetensors} into a folder, as PEFT does; of an
     * adapter that was loaded, with all its settings. The model's {@code config.json} beside them says what a head is
     * for.
     *
     * @param base the base model's folder or id, for those who look for it; null where it began at random
     */
    public void save(Path folder, @Nullable String base) {
        Scopes.run(() -> {
            Map<String, Tensor> contiguous = new LinkedHashMap<>();
            tensors().forEach((name, tensor) -> contiguous.put(name, tensor.detach().contiguous()));
            SafetensorsWriter.write(folder.resolve(AdapterFolder.WEIGHTS), contiguous);
        });
        ObjectNode json = config.deepCopy().put("base_model_name_or_path", base).put("inference_mode", true);
        AtomicFile.write(folder.resolve(AdapterFolder.CONFIG),
                (ForeignJson.pretty(json) + "\n").getBytes(StandardCharsets.UTF_8));
        model.saveConfig(folder);
    }
}
