package org.jformers.model.surgery;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.TensorFile;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.nn.KernelChoice;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.OwnWeights;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;

/**
 * Several adapters beside one base, which they share: each call computes with one of them, or with none.
 *
 * <pre>{@code
 * Adapters adapters = Adapters.on(model);
 * adapters.load("law", law);
 * adapters.load("poems", poems);
 * try (Adapters.Use use = adapters.use("poems")) {
 *     generation.generate(prompt);
 * }
 * }</pre>
 *
 * <p>What is used belongs to the thread, so that several threads may compute with different adapters at the same time;
 * a thread that uses none computes as the base alone does. A {@link org.jformers.model.Decoding} keeps keys and values
 * of the adapter that it began with: use the same until it ends. Adapters are loaded before other threads use the
 * model; their matrices are freed with it.
 */
public final class Adapters {
    private static final String WEIGHT = "weight";
    private static final String BIAS = "bias";

    private final Model model;
    private final Map<String, KernelChoice> choices = new LinkedHashMap<>();
    private final Set<String> names = ConcurrentHashMap.newKeySet();
    private final ThreadLocal<String> used = new ThreadLocal<>();

    private Adapters(Model model) {
        this.model = model;
    }

    /**
     * No adapters yet, beside a model that stays the caller's.
     *
     * @throws ConfigException if it has an adapter already
     */
    public static Adapters on(Model model) {
        Lora.requireNone(model);
        return new Adapters(model);
    }

    /** An adapter in use by this thread, until it is closed; closing brings back what was used before. */
    public final class Use implements AutoCloseable {
        private final Optional<String> outer = Optional.ofNullable(used.get());

        private Use(String name) {
            used.set(name);
        }

        @Override
        public void close() {
            outer.ifPresentOrElse(used::set, used::remove);
        }
    }

    /**
     * Adds an adapter; nothing computes with it yet.
     *
     * @throws CheckpointException if its matrices do not fit the model
     * @throws ConfigException if the name is taken, or it has what can be merged only: what is trained whole must be
     *     weights of linear maps, as those of heads that classify are
     */
    public void load(String name, Path folder) {
        if (names.contains(name)) {
            throw new ConfigException("adapters: got " + name + " a second time, allowed others than " + names());
        }
        Scopes.run(() -> add(name, AdapterFolder.open(folder)));
        names.add(name);
    }

    private void add(String name, AdapterFolder adapter) {
        try (TensorFile file = adapter.file(); NoGrad noGrad = new NoGrad()) {
            WholeWeights whole = WholeWeights.read(adapter, file, model);
            requireMaps(whole, adapter.folder());
            LoraMatrices matrices = LoraMatrices.read(adapter, file, model);
            Map<String, Map<String, Tensor>> own = own(whole, file);
            matrices.kernels().forEach((path, kernel) -> {
                if (!own.containsKey(path)) {
                    choice(path).add(name, frozen(kernel));
                }
            });
            own.forEach((path, weights) -> choice(path).add(name, frozen(model.device().making(() -> new OwnWeights(
                    Optional.ofNullable(weights.get(WEIGHT)), Optional.ofNullable(weights.get(BIAS)),
                    Optional.ofNullable(matrices.kernels().get(path)))))));
        }
    }

    /** What is trained whole must be weights of linear maps, whose calls can be told apart. */
    private void requireMaps(WholeWeights whole, Path folder) {
        Set<String> maps = model.network().linears().keySet();
        whole.held(model).stream()
                .filter(name -> !maps.contains(path(name)) || !Set.of(WEIGHT, BIAS).contains(part(name)))
                .findFirst().ifPresent(name -> {
                    throw new ConfigException("adapter: got " + model.identity().weights().stored(name).orElse(name)
                            + " whole, which is merged only (AutoModel.load(base, adapter)); allowed beside others: "
                            + "weights of linear maps, in " + folder);
                });
    }

    private static String path(String parameter) {
        return parameter.substring(0, Math.max(0, parameter.lastIndexOf('.')));
    }

    private static String part(String parameter) {
        return parameter.substring(parameter.lastIndexOf('.') + 1);
    }

    private KernelChoice choice(String path) {
        return choices.computeIfAbsent(path, added -> {
            KernelChoice choice = new KernelChoice(() -> Optional.ofNullable(used.get()));
            Objects.requireNonNull(model.network().linears().get(path)).replaceKernel("adapters", choice);
            return choice;
        });
    }

    private static <K extends Module & Linear.Kernel> K frozen(K kernel) {
        kernel.parameters().values().forEach(parameter -> parameter.freeze(true));
        return kernel;
    }

    /** By the path of a linear map, copies of its weight or bias with the file's in their place. */
    private Map<String, Map<String, Tensor>> own(WholeWeights whole, TensorFile file) {
        Map<String, Tensor> parameters = model.weights();
        Map<String, Map<String, Tensor>> own = new LinkedHashMap<>();
        for (String name : whole.held(model)) {
            Tensor copy = Objects.requireNonNull(parameters.get(name)).detach().clone();
            own.computeIfAbsent(path(name), added -> new LinkedHashMap<>()).put(part(name), copy);
            Map<String, Tensor> views = model.named(Map.of(name, copy));
            whole.names().forEach((saved, written) -> {
                if (views.containsKey(written)) {
                    views.get(written).copy_(file.tensor(AdapterFolder.PREFIX + saved));
                }
            });
        }
        return own;
    }

    /** The names of the adapters, in alphabetical order. */
    public Set<String> names() {
        return new TreeSet<>(names);
    }

    /**
     * Computes with an adapter on this thread until the result is closed.
     *
     * @throws ConfigException if there is none of that name
     */
    public Use use(String name) {
        if (!names.contains(name)) {
            throw new ConfigException("adapters: got " + name + ", allowed " + names());
        }
        return new Use(name);
    }
}
