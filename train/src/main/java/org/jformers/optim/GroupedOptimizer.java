package org.jformers.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.nn.Parameter;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;

/**
 * What optimizers have in common: states for each parameter, the walk over the groups, saving and restoring. A kind of
 * optimizer says which states there are and what a step does to parameters that are changed alike.
 */
abstract class GroupedOptimizer implements Optimizer {
    /** The number of steps that a parameter has taken, float32, no dimensions. */
    static final String STEPS = "steps";

    private static final Scalar ONE = Tensors.constant(1);
    private static final Scalar UPPER_HALF = Tensors.constant(-65_536L);
    private static final Scalar LOWER_HALF = Tensors.constant(65_535L);

    private final List<ParameterGroup> groups;
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final boolean rounded;

    /** A parameter with its states by name. */
    record Slot(Parameter parameter, Map<String, Tensor> states) {
        Tensor value() {
            return parameter.tensor().detach();
        }

        Tensor gradient() {
            return parameter.tensor().grad();
        }

        Tensor state(String name) {
            return Objects.requireNonNull(states.get(name));
        }

        /** The gradient with a decay added, which is the parameter times its strength. */
        Tensor coupledGradient(double weightDecay) {
            return weightDecay == 0 ? gradient() : gradient().add(value(), new Scalar(weightDecay));
        }

        /** Takes a share off the parameter. */
        void decay(double share) {
            if (share != 0) {
                value().mul_(new Scalar(1 - share));
            }
        }

        /** One step more; how many there are now. */
        double step() {
            return state(STEPS).add_(ONE).item_double();
        }
    }

    /**
     * @param name of the optimizer, for messages
     * @param groups what to train; each parameter is in one of them
     * @param type in which numbers states are kept that are as large as their parameter
     * @param first the states of a parameter before the first step
     */
    GroupedOptimizer(
            String name, List<ParameterGroup> groups, StateType type, Function<Parameter, Map<String, Tensor>> first) {
        this.groups = List.copyOf(groups);
        rounded = type == StateType.BFLOAT16;
        groups.forEach(group -> group.parameters().forEach((path, parameter) -> Scopes.run(() -> {
            Map<String, Tensor> states = new LinkedHashMap<>();
            first.apply(parameter).forEach((state, tensor) ->
                    states.put(state, Scopes.keep(
                            rounds(parameter, tensor) ? tensor.to(ScalarType.BFloat16) : tensor)));
            if (slots.put(path, new Slot(parameter, states)) != null) {
                throw new JformersException(name + ": parameter " + path + " is in two groups, allowed one");
            }
        })));
    }

    /** Zeros as large as a parameter. */
    static Tensor zeros(Parameter parameter) {
        return torch.zeros_like(parameter.tensor().detach());
    }

    /** No steps as yet. */
    static Tensor noSteps(Parameter parameter) {
        return Tensors.empty(Device.of(parameter.tensor()), ScalarType.Float).zero_();
    }

    private boolean rounds(Parameter parameter, Tensor state) {
        return rounded && state.dim() > 0 && state.numel() == parameter.size();
    }

    /**
     * Changes parameters and their states, in place.
     *
     * @param slots those of a group that have a gradient
     * @param rate the rate of the step
     * @param weightDecay strength of the decay
     */
    abstract void update(List<Slot> slots, double rate, double weightDecay);

    @Override
    public void step(double learningRate) {
        try (NoGrad noGrad = new NoGrad()) {
            groups.forEach(group -> Scopes.run(() -> {
                List<Slot> moving = new ArrayList<>();
                for (String name : group.parameters().keySet()) {
                    Slot slot = Objects.requireNonNull(slots.get(name));
                    if (slot.gradient().defined()) {
                        moving.add(slot);
                    }
                }
                double rate = learningRate * group.rateFactor();
                if (!rounded) {
                    update(moving, rate, group.weightDecay());
                } else {
                    // One by one, so that one parameter's states are there in float32 at a time.
                    moving.forEach(slot -> Scopes.run(() -> updateRounded(slot, rate, group.weightDecay())));
                }
            }));
        }
    }

    private void updateRounded(Slot slot, double rate, double weightDecay) {
        Map<String, Tensor> exact = new LinkedHashMap<>();
        slot.states().forEach((name, state) -> exact.put(name, state.to(ScalarType.Float)));
        update(List.of(new Slot(slot.parameter(), exact)), rate, weightDecay);
        slot.states().forEach((name, state) -> {
            Tensor value = Objects.requireNonNull(exact.get(name));
            if (rounds(slot.parameter(), state)) {
                state.copy_(roundedAtRandom(value));
            } else if (state.data_ptr().address() != value.data_ptr().address()) {
                state.copy_(value);
            }
        });
    }

    /**
     * Numbers that bfloat16 has, near those given: the sixteen bits that are cut off are first added to as many random
     * ones, whose carry decides.
     */
    static Tensor roundedAtRandom(Tensor value) {
        long count = value.numel();
        Tensor noise = Tensors.to(
                Tensors.empty(ScalarType.Long, (count + 3) / 4)
                        .random_(Long.MIN_VALUE, new LongOptional(), Seeds.generator()),
                Device.of(value));
        Tensor low = noise.view(ScalarType.Short).narrow(0, 0, count).to(ScalarType.Int)
                .bitwise_and(LOWER_HALF).view(value.shape());
        Tensor bits = value.contiguous().view(ScalarType.Int).add(low).bitwise_and(UPPER_HALF);
        return bits.view(ScalarType.Float);
    }

    @Override
    public List<ParameterGroup> groups() {
        return groups;
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        slots.forEach((name, slot) -> slot.states().forEach((part, tensor) -> state.put(part + "." + name, tensor)));
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
        slots.values().forEach(slot -> slot.states().values().forEach(Tensor::close));
    }

    /** A list of one state of all slots. */
    static List<Tensor> states(List<Slot> slots, String name) {
        return slots.stream().map(slot -> slot.state(name)).toList();
    }

    static List<Tensor> values(List<Slot> slots) {
        return slots.stream().map(slot -> slot.parameter().tensor()).toList();
    }

    static List<Tensor> gradients(List<Slot> slots) {
        return slots.stream().map(Slot::gradient).toList();
    }

    /** Refuses settings of an optimizer where a condition does not hold. */
    static void require(boolean holds, String name, Object settings, String allowed) {
        if (!holds) {
            throw new JformersException(name + ": got " + settings + ", allowed " + allowed);
        }
    }
}
