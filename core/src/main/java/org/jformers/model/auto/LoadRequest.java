package org.jformers.model.auto;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.ConfigException;
import org.jformers.model.ProblemType;
import org.jformers.model.Task;
import org.jformers.nn.Quantization;
import org.jformers.tensor.DType;
import org.jformers.tensor.Device;
import org.jspecify.annotations.Nullable;

/**
 * What is to be made of a model folder. To go on from a pretrained body with a head for one's own labels:
 *
 * <pre>{@code
 * AutoModel.load(folder, LoadRequest.of(Task.SEQUENCE_CLASSIFICATION)
 *         .withLabels(List.of("negative", "positive"))
 *         .withMode(LoadMode.NEW_HEAD));
 * }</pre>
 *
 * @param tasks what the model may be for: what the folder declares if it is among them, otherwise the first one that
 *     the family has; empty for what the folder declares
 * @param mode what may differ between the checkpoint and the model
 * @param precision type of the parameters: float32, bfloat16, float16 or float64
 * @param config keys of {@code config.json} that have other values than in the folder; null stands for a key that is
 *     not there
 * @param adapter the folder of a LoRA adapter that is merged into the model; it may bring weights that the folder lacks
 * @param device where the model computes
 * @param quantization how the matrices of linear maps are kept in fewer bits; empty for as {@code inference} says
 * @param inference whether the model is only asked, never trained, changed or saved: its matrices are packed, and stay
 *     in 8 or 4 bits where the folder has them so and there is a product for it
 */
public record LoadRequest(
        List<Task> tasks,
        LoadMode mode,
        DType precision,
        Map<String, Object> config,
        Optional<Path> adapter,
        Device device,
        Optional<Quantization> quantization,
        boolean inference) {
    private static final List<DType> PRECISIONS = List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16, DType.FLOAT64);

    /** What the folder declares, all of it there, in float32, on a graphics card if there is one. */
    public static final LoadRequest DECLARED =
            new LoadRequest(List.of(), LoadMode.DEFAULT, DType.FLOAT32, Map.of(), Optional.empty(), Device.AUTO,
                    Optional.empty(), false);

    public LoadRequest {
        if (!PRECISIONS.contains(precision)) {
            throw new JformersException("precision: got " + precision.configName() + ", allowed "
                    + PRECISIONS.stream().map(DType::configName).toList());
        }
        tasks = List.copyOf(tasks);
        config = Collections.unmodifiableMap(new LinkedHashMap<>(config)); // with nulls
    }

    /** The same of a model for a task, or for one of several. */
    public static LoadRequest of(Task... tasks) {
        return DECLARED.withTasks(List.of(tasks));
    }

    public LoadRequest withMode(LoadMode other) {
        return new LoadRequest(tasks, other, precision, config, adapter, device, quantization, inference);
    }

    public LoadRequest withPrecision(DType other) {
        return new LoadRequest(tasks, mode, other, config, adapter, device, quantization, inference);
    }

    /** One of these tasks, instead of those that were named. */
    public LoadRequest withTasks(List<Task> others) {
        return new LoadRequest(others, mode, precision, config, adapter, device, quantization, inference);
    }

    /** With an adapter merged into the model; see {@link org.jformers.model.surgery.LoraAdapter}. */
    public LoadRequest withAdapter(Path folder) {
        return new LoadRequest(tasks, mode, precision, config, Optional.of(folder), device, quantization, inference);
    }

    /** On another device. */
    public LoadRequest withDevice(Device other) {
        return new LoadRequest(tasks, mode, precision, config, adapter, other, quantization, inference);
    }

    /** With the matrices of linear maps in fewer bits; see {@link Quantization}. */
    public LoadRequest withQuantization(Quantization kind) {
        return new LoadRequest(tasks, mode, precision, config, adapter, device, Optional.of(kind), inference);
    }

    /**
     * With weights kept in a type of numbers, or those of linear maps as a quantization.
     *
     * @param name float32, bfloat16, float16, float64, or one of {@link Quantization#NAMES}
     * @throws JformersException if it is none of them
     */
    public LoadRequest withWeights(String name) {
        if (Quantization.NAMES.contains(name)) {
            return withQuantization(Quantization.named(name));
        }
        return withPrecision(DType.ofConfigName(name).filter(PRECISIONS::contains).orElseThrow(() ->
                new JformersException("weights: got " + name + ", allowed "
                        + Stream.concat(PRECISIONS.stream().map(DType::configName), Quantization.NAMES.stream())
                                .toList())));
    }

    /** The same with weights as they are stored. */
    LoadRequest unquantized() {
        return new LoadRequest(tasks, mode, precision, config, adapter, device, Optional.empty(), false);
    }

    /** Of a model that is only asked: faster, and not to be trained. */
    public LoadRequest forInference() {
        return new LoadRequest(tasks, mode, precision, config, adapter, device, quantization, true);
    }

    /** A key of {@code config.json} with another value, or null for a key that is not to be there. */
    public LoadRequest withConfig(String key, @Nullable Object value) {
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(config);
        changed.put(key, value);
        return new LoadRequest(tasks, mode, precision, changed, adapter, device, quantization, inference);
    }

    /** Classes of one's own, in order, at least one; as many scores has the head. */
    public LoadRequest withLabels(List<String> names) {
        if (names.isEmpty() || names.stream().distinct().count() < names.size()) {
            throw new ConfigException("labels: got " + names + ", allowed one or more, all different");
        }
        Map<String, Object> byId = new LinkedHashMap<>();
        Map<String, Object> byName = new LinkedHashMap<>();
        IntStream.range(0, names.size()).forEach(i -> {
            byId.put(Integer.toString(i), names.get(i));
            byName.put(names.get(i), i);
        });
        return withConfig("num_labels", null).withConfig("id2label", byId).withConfig("label2id", byName);
    }

    /** What kind of problem the labels are for. */
    public LoadRequest withProblemType(ProblemType type) {
        return withConfig("problem_type", type.configName());
    }
}
