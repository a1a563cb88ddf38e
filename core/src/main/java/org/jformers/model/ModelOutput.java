package org.jformers.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.DType;
import org.jformers.tensor.Tensors;

/**
 * What a model returns, by the names that the field uses: {@code logits}, {@code loss}, {@code last_hidden_state},
 * {@code hidden_states.0} ... In the order of computation; absent outputs are not there. The tensors belong to the
 * caller's scope.
 */
public final class ModelOutput {
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /** Adds an output. */
    public ModelOutput put(String name, Tensor tensor) {
        tensors.put(name, Tensors.handle(tensor));
        return this;
    }

    /** Adds a list of outputs as {@code name.0}, {@code name.1} ... */
    public ModelOutput putAll(String name, List<Tensor> list) {
        for (int i = 0; i < list.size(); i++) {
            put(name + "." + i, list.get(i));
        }
        return this;
    }

    /** All outputs in order. */
    public Map<String, Tensor> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** An output, if it is there. */
    public Optional<Tensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** An output that must be there; throws {@link IllegalArgumentException} naming those there are. */
    public Tensor get(String name) {
        return find(name).orElseThrow(() ->
                new IllegalArgumentException("model output: got " + name + ", there are " + tensors.keySet()));
    }

    /** Scores before the softmax. */
    public Tensor logits() {
        return get("logits");
    }

    /** The loss, a scalar; there if labels were given. */
    public Tensor loss() {
        return get("loss");
    }

    /** The names with types and shapes: {@code ModelOutput[logits float32 [1, 3, 50257]]}. */
    @Override
    public String toString() {
        return tensors.entrySet().stream()
                .map(e -> e.getKey() + " " + DType.of(e.getValue()).configName() + " "
                        + Arrays.toString(e.getValue().shape()))
                .collect(Collectors.joining(", ", "ModelOutput[", "]"));
    }
}
