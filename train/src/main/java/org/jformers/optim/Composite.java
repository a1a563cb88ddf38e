package org.jformers.optim;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;

/** Several optimizers, each for parameters of its own, that step together at one scheduled rate. */
public final class Composite implements Optimizer {
    private final List<Optimizer> parts;

    /**
     * @param parts the optimizers, which it closes
     * @throws JformersException if two of them have the same parameter
     */
    public Composite(List<? extends Optimizer> parts) {
        this.parts = List.copyOf(parts);
        Set<String> seen = new HashSet<>();
        groups().forEach(group -> group.parameters().keySet().forEach(name -> {
            if (!seen.add(name)) {
                throw new JformersException(
                        "composite optimizer: parameter " + name + " is in two of them, allowed one");
            }
        }));
    }

    @Override
    public void step(double learningRate) {
        parts.forEach(part -> part.step(learningRate));
    }

    @Override
    public List<ParameterGroup> groups() {
        return parts.stream().flatMap(part -> part.groups().stream()).toList();
    }

    /** Names are those of the parts: no two of them have the same parameter. */
    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        parts.forEach(part -> state.putAll(part.state()));
        return state;
    }

    @Override
    public void restore(Map<String, Tensor> saved) {
        Map<String, Tensor> left = new LinkedHashMap<>(saved);
        for (Optimizer part : parts) {
            Map<String, Tensor> own = new LinkedHashMap<>(saved);
            own.keySet().retainAll(part.state().keySet());
            part.restore(own);
            left.keySet().removeAll(own.keySet());
        }
        if (!left.isEmpty()) {
            throw new JformersException("optimizer state: got " + left.size() + " tensors more than expected, such as "
                    + left.keySet().iterator().next());
        }
    }

    @Override
    public void close() {
        parts.forEach(Optimizer::close);
    }
}
