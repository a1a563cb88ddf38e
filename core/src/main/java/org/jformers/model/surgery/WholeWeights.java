package org.jformers.model.surgery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.TensorFile;
import org.jformers.checkpoint.TensorInfo;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.nn.Parameter;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;

/**
 * What of a model's own weights belongs to an adapter: trained whole, and saved with its matrices.
 *
 * @param names of weights: as the adapter's files have them, without what all of them begin with, and as the model's
 *     checkpoints have them
 */
record WholeWeights(Map<String, String> names) {
    private static final String BIAS = ".bias";

    /**
     * The weights, by their names in checkpoints, that belong to what is trained whatever the settings are: those of a
     * head that classifies, all that is not the body's, and those that the base has none for.
     */
    static Set<String> ofHead(Model model) {
        WeightMap map = model.identity().weights();
        boolean classifies = switch (model.identity().task()) {
            case SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION, QUESTION_ANSWERING, MULTIPLE_CHOICE,
                    IMAGE_CLASSIFICATION -> true;
            default -> false;
        };
        Map<String, Parameter> parameters = model.network().parameters();
        Set<String> names = new LinkedHashSet<>();
        model.named(model.weights()).keySet().forEach(name -> {
            List<String> held = map.heldBy(map.full(name), parameters.keySet());
            boolean ofHead = classifies && !map.isOfBody(name)
                    && held.stream().anyMatch(parameter -> parameter.startsWith("head."));
            if (ofHead || held.stream().map(parameters::get).anyMatch(Parameter::random)) {
                names.add(name);
            }
        });
        return names;
    }

    /**
     * The whole names of modules.
     *
     * @param modules names of modules, or their ends
     * @throws ConfigException if there is no such module, or it shares weights with another one
     */
    static Set<String> modules(Model model, List<String> modules) {
        WeightMap map = model.identity().weights();
        Set<String> names = model.named(model.weights()).keySet();
        Set<String> found = new TreeSet<>();
        for (String module : modules) {
            List<String> within = names.stream().filter(name -> ("." + name).contains("." + module + ".")).toList();
            if (within.isEmpty()) {
                throw new ConfigException("lora modules to save: got " + module + ", which "
                        + model.identity().architecture() + " has no weights of; allowed names of modules such as "
                        + module(names.iterator().next()));
            }
            within.stream().filter(name -> !map.tiedTo(map.full(name)).isEmpty()).findFirst().ifPresent(tied -> {
                throw new ConfigException("lora modules to save: got " + module + ", allowed modules that share no"
                        + " weights with others, as " + tied + " does");
            });
            within.forEach(name -> found.add(
                    name.substring(0, ("." + name).indexOf("." + module + ".") + module.length())));
        }
        return found;
    }

    /** The weights of modules, by their names in checkpoints. */
    static Set<String> ofModules(Model model, Set<String> modules) {
        Set<String> names = new LinkedHashSet<>(model.named(model.weights()).keySet());
        names.removeIf(name -> modules.stream().noneMatch(module -> name.startsWith(module + ".")));
        return names;
    }

    /** The constants that are trained, by their names in checkpoints. */
    static Set<String> ofBias(Model model, Lora.Bias bias, Collection<String> modules) {
        Set<String> names = new LinkedHashSet<>();
        if (bias != Lora.Bias.NONE) {
            Map<String, Tensor> trainable = model.weights();
            model.network().parameters().forEach((name, parameter) -> {
                if (!parameter.trainable()) {
                    trainable.remove(name);
                }
            });
            names.addAll(model.named(trainable).keySet());
            names.removeIf(name -> bias == Lora.Bias.ALL
                    ? !name.contains("bias")
                    : !name.endsWith(BIAS) || !modules.contains(module(name)));
        }
        return names;
    }

    private static String module(String name) {
        return name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    /** Weights by their names in checkpoints, as PEFT names them beside matrices for these modules. */
    static WholeWeights named(Collection<String> names, Collection<String> modules) {
        Map<String, String> named = new TreeMap<>();
        for (String name : names) {
            boolean within = name.endsWith(BIAS) && modules.contains(module(name));
            named.put(within ? module(name) + ".base_layer" + BIAS : name, name);
        }
        return new WholeWeights(named);
    }

    /**
     * What a file has whole.
     *
     * @throws CheckpointException if it does not fit the model
     */
    static WholeWeights read(AdapterFolder adapter, TensorFile file, Model model) {
        Map<String, Tensor> weights = model.named(model.weights());
        Map<String, String> names = new TreeMap<>();
        AdapterFolder.names(file).forEach(name -> {
            if (AdapterFolder.isWhole(name)) {
                TensorInfo info = Objects.requireNonNull(file.tensors().get(name));
                String written = model.identity().weights().written(adapter.own(name));
                Tensor weight = weights.get(written);
                long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
                if (weight == null || !Arrays.equals(weight.shape(), shape)) {
                    throw new CheckpointException("adapter: got " + info.shape() + " for " + adapter.own(name)
                            + (weight == null ? ", which the model does not have"
                                    : ", the model has " + Arrays.toString(weight.shape()))
                            + ", in " + adapter.folder());
                }
                names.put(name.substring(AdapterFolder.PREFIX.length()), written);
            }
        });
        return new WholeWeights(names);
    }

    /** The names of the parameters that these weights are, or are a part of. */
    Set<String> held(Model model) {
        WeightMap map = model.identity().weights();
        Set<String> parameters = model.weights().keySet();
        Set<String> held = new LinkedHashSet<>();
        names.values().forEach(name -> held.addAll(map.heldBy(map.full(name), parameters)));
        return held;
    }

    /**
     * The parameters that these weights are.
     *
     * @throws ConfigException if they are a part of one only
     */
    Map<String, Parameter> parameters(Model model) {
        Map<String, Parameter> parameters = new LinkedHashMap<>(model.network().parameters());
        parameters.keySet().retainAll(held(model));
        parameters.forEach((name, parameter) -> {
            List<String> others = new ArrayList<>(
                    Scopes.get(() -> model.named(Map.of(name, parameter.tensor())).keySet()));
            List<String> trained = new ArrayList<>(others);
            trained.retainAll(names.values());
            others.removeAll(trained);
            if (!others.isEmpty()) {
                throw new ConfigException("lora: got " + String.join(", ", trained) + " to be trained without "
                        + String.join(", ", others) + ", allowed all of them, which "
                        + model.identity().architecture() + " computes as one");
            }
        });
        return parameters;
    }

    /** The weights under PEFT's names; views of the model's parameters. */
    Map<String, Tensor> tensors(Model model) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        parameters(model).forEach((name, parameter) -> tensors.put(name, parameter.tensor()));
        Map<String, Tensor> weights = tensors.isEmpty() ? Map.of() : model.named(tensors);
        Map<String, Tensor> named = new TreeMap<>();
        names.forEach((name, written) -> named.put(AdapterFolder.PREFIX + name, weights.get(written)));
        return named;
    }

    /**
     * Puts the weights of a file in the place of the model's.
     *
     * @throws CheckpointException if some are stored as one and are not one here
     */
    void copy(TensorFile file, Model model) {
        Collection<Parameter> parameters = parameters(model).values();
        try (NoGrad noGrad = new NoGrad()) {
            Scopes.run(() -> tensors(model).forEach((name, tensor) -> {
                if (parameters.stream().noneMatch(parameter -> parameter.tensor().is_alias_of(tensor))) {
                    throw new CheckpointException(
                            "adapter: " + name + " is stored as several parameters, which is not done");
                }
                tensor.copy_(file.tensor(name));
            }));
        }
    }
}
