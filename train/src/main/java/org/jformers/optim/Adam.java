package org.jformers.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.nn.Parameter;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Operator;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Adam (arXiv:1412.6980) and AdamW (arXiv:1711.05101), by the engine's fused operator: all parameters in one call, a
 * third of the time of one by one. Biases and norms are left out of weight decay.
 */
public final class Adam implements Optimizer {
    private final Settings settings;
    private final List<ParameterGroup> groups;
    private final Operator fused;
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final Scalar one = Tensors.constant(1);

    /** How weight decay enters. */
    public enum Decay {
        /** Added to the gradient, so that it passes through the moments (Adam). */
        COUPLED,
        /** Taken off the parameter directly (AdamW). */
        DECOUPLED
    }

    /**
     * @param decay how weight decay enters
     * @param beta1 decay rate of the first moment, in [0, 1)
     * @param beta2 decay rate of the second moment, in [0, 1)
     * @param epsilon added to the root of the second moment, positive
     * @param weightDecay strength of the decay of matrices and tables where groups do not say another, 0 for none
     */
    public record Settings(Decay decay, double beta1, double beta2, double epsilon, double weightDecay) {
        public Settings {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0 && weightDecay >= 0)) {
                throw new JformersException("adam: got beta1 " + beta1 + ", beta2 " + beta2 + ", epsilon " + epsilon
                        + ", weight_decay " + weightDecay
                        + ", allowed betas in [0, 1), epsilon > 0, weight_decay >= 0");
            }
        }
    }

    private record Slot(Parameter parameter, Tensor firstMoment, Tensor secondMoment, Tensor steps) {}

    /** Trains all parameters that are not frozen at one rate; matrices and tables decay. */
    public Adam(Settings settings, Map<String, Parameter> parameters) {
        this(settings, ParameterGroup.byDecay(parameters, settings.weightDecay()));
    }

    /** @param groups what to train; each parameter is in one of them */
    public Adam(Settings settings, List<ParameterGroup> groups) {
        this.settings = settings;
        this.groups = List.copyOf(groups);
        fused = Operator.named(settings.decay() == Decay.DECOUPLED ? "aten::_fused_adamw_" : "aten::_fused_adam_");
        groups.forEach(group -> group.parameters().forEach((name, parameter) -> Scopes.run(() -> {
            if (slots.put(name, slot(parameter)) != null) {
                throw new JformersException("adam: parameter " + name + " is in two groups, allowed one");
            }
        })));
    }

    private static Slot slot(Parameter parameter) {
        return new Slot(
                parameter,
                Scopes.keep(torch.zeros_like(parameter.tensor().detach())),
                Scopes.keep(torch.zeros_like(parameter.tensor().detach())),
                Scopes.keep(Tensors.empty(Device.of(parameter.tensor()), ScalarType.Float).zero_()));
    }

    @Override
    public void step(double learningRate) {
        try (NoGrad noGrad = new NoGrad()) {
            Scopes.run(() -> groups.forEach(group -> update(group, learningRate * group.rateFactor())));
        }
    }

    private void update(ParameterGroup group, double rate) {
        List<Tensor> parameters = new ArrayList<>();
        List<Tensor> gradients = new ArrayList<>();
        List<Tensor> first = new ArrayList<>();
        List<Tensor> second = new ArrayList<>();
        List<Tensor> steps = new ArrayList<>();
        for (String name : group.parameters().keySet()) {
            Slot slot = Objects.requireNonNull(slots.get(name));
            Tensor gradient = slot.parameter().tensor().grad();
            if (gradient.defined()) {
                parameters.add(slot.parameter().tensor());
                gradients.add(gradient);
                first.add(slot.firstMoment());
                second.add(slot.secondMoment());
                steps.add(slot.steps());
                slot.steps().add_(one);
            }
        }
        if (!parameters.isEmpty()) {
            fused.call(parameters, gradients, first, second, List.of(), steps, rate, settings.beta1(),
                    settings.beta2(), group.weightDecay(), settings.epsilon(), false, false, null, null);
        }
    }

    @Override
    public List<ParameterGroup> groups() {
        return groups;
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        slots.forEach((name, slot) -> {
            state.put("first_moment." + name, slot.firstMoment());
            state.put("second_moment." + name, slot.secondMoment());
            state.put("steps." + name, slot.steps());
        });
        return state;
    }

    @Override
    public void restore(Map<String, Tensor> saved) {
        Map<String, Tensor> state = state();
        if (!saved.keySet().equals(state.keySet())) {
            throw new JformersException("optimizer state: got " + saved.size() + " tensors, expected " + state.size()
                    + " with the names of the model's parameters");
        }
        try (NoGrad noGrad = new NoGrad()) {
            state.forEach((name, tensor) -> Scopes.run(() ->
                    tensor.detach().copy_(Objects.requireNonNull(saved.get(name)).to(ScalarType.Float))));
        }
    }

    @Override
    public void close() {
        for (Slot slot : slots.values()) {
            slot.firstMoment().close();
            slot.secondMoment().close();
            slot.steps().close();
        }
    }
}
