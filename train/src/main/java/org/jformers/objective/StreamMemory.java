package org.jformers.objective;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.kind.SegmentModel;
import org.jformers.nn.stack.SegmentMemory;
import org.jformers.tensor.Scopes;

/**
 * What a model that reads segment by segment remembers of the rows of a batch for those that go on behind them in the
 * next one. Owns its tensors until closed.
 *
 * <p>Dimensions: M tokens, B rows, C width.
 */
public final class StreamMemory implements AutoCloseable {
    private final SegmentMemory kept;
    private List<Tensor> states_MBC = List.of();

    /**
     * An empty one.
     *
     * @param model reads segment by segment; the caller's
     * @param tokens M at most, >= 1, whatever the model's configuration says; of every segment all states count
     * @throws ConfigException if the model has no memory
     */
    public StreamMemory(Model model, int tokens) {
        if (tokens < 1) {
            throw new ConfigException("memory: got " + tokens + " tokens, allowed >= 1");
        }
        kept = new SegmentMemory(
                Optional.of(tokens), Optional.empty(), segments(model).body().spec().memory().start());
    }

    /** The model as one with a memory. */
    static SegmentModel segments(Model model) {
        if (model instanceof SegmentModel segments) {
            return segments;
        }
        throw new ConfigException("memory: got " + model.identity().architecture()
                + ", allowed models that read segment by segment (Transformer-XL, XLNet)");
    }

    /** What is kept of a segment. */
    SegmentMemory kept() {
        return kept;
    }

    /** By the names of inputs, for the first rows; nothing before the first segment. */
    Map<String, Tensor> inputs(long rows) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        tensors().forEach((name, states) -> inputs.put(name, states.narrow(1, 0, rows)));
        return inputs;
    }

    /** Puts what the next segment needs in place of what this one had. */
    void put(List<Tensor> next_MBC) {
        List<Tensor> mine = next_MBC.stream().map(states -> Scopes.get(() -> Scopes.keep(states.clone()))).toList();
        close();
        states_MBC = mine;
    }

    /** Per layer {@code mems.0}, {@code mems.1} ... [M, B, C]; the memory's own. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int layer = 0; layer < states_MBC.size(); layer++) {
            tensors.put("mems." + layer, states_MBC.get(layer));
        }
        return tensors;
    }

    /** Takes over what {@link #tensors} gave, copied. */
    public void restore(Map<String, Tensor> tensors) {
        List<Tensor> states = new ArrayList<>();
        while (tensors.containsKey("mems." + states.size())) {
            states.add(tensors.get("mems." + states.size()));
        }
        put(states);
    }

    /** Forgets everything; it may be used on. */
    @Override
    public void close() {
        states_MBC.forEach(Tensor::close);
        states_MBC = List.of();
    }
}
