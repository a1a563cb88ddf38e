package org.jformers.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.nn.Parameter;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * An optimizer with a running average of the parameters that it changes, which is often better than the parameters
 * themselves (Polyak and Juditsky 1992; arXiv:1706.03762, 6.1, takes the mean of checkpoints for it). The average is
 * part of its state, so that a run goes on with it.
 */
public final class WeightAverage implements Optimizer {
    private static final String AVERAGE = "average.";
    private static final String STEPS = "average_steps";
    private static final Scalar ONE = Tensors.constant(1);

    private final Optimizer optimizer;
    private final Schedule decay;
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> averages = new LinkedHashMap<>();
    private final Tensor steps = Scopes.get(() -> Scopes.keep(Tensors.empty(ScalarType.Float).zero_()));

    /**
     * @param optimizer changes the parameters, and is closed along
     * @param decay share of the average that stays in a step, by the steps so far
     */
    public WeightAverage(Optimizer optimizer, Schedule decay) {
        this.optimizer = optimizer;
        this.decay = decay;
        optimizer.groups().forEach(group -> parameters.putAll(group.parameters()));
        parameters.forEach((name, parameter) ->
                averages.put(name, Scopes.get(() -> Scopes.keep(parameter.tensor().detach().clone()))));
    }

    @Override
    public void step(double learningRate) {
        optimizer.step(learningRate);
        try (NoGrad noGrad = new NoGrad()) {
            Scopes.run(() -> {
                Scalar taken = new Scalar(1 - decay.rate(steps.item_double()));
                parameters.forEach((name, parameter) -> average(name).lerp_(parameter.tensor().detach(), taken));
                steps.add_(ONE);
            });
        }
    }

    private Tensor average(String name) {
        return Objects.requireNonNull(averages.get(name));
    }

    /** Does something while the parameters have the values of the average. */
    public <T> T averaged(Supplier<T> action) {
        exchange();
        try {
            return action.get();
        } finally {
            exchange();
        }
    }

    private void exchange() {
        try (NoGrad noGrad = new NoGrad()) {
            parameters.forEach((name, parameter) -> Scopes.run(() -> {
                Tensor value = parameter.tensor().detach();
                Tensor before = value.clone();
                value.copy_(average(name));
                average(name).copy_(before);
            }));
        }
    }

    /** Gives the parameters the values of the average, where training is over. */
    public void adopt() {
        try (NoGrad noGrad = new NoGrad()) {
            parameters.forEach((name, parameter) ->
                    Scopes.run(() -> parameter.tensor().detach().copy_(average(name))));
        }
    }

    @Override
    public List<ParameterGroup> groups() {
        return optimizer.groups();
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(optimizer.state());
        averages.forEach((name, average) -> state.put(AVERAGE + name, average));
        state.put(STEPS, steps);
        return state;
    }

    @Override
    public void restore(Map<String, Tensor> saved) {
        Map<String, Tensor> left = new LinkedHashMap<>(saved);
        try (NoGrad noGrad = new NoGrad()) {
            averages.forEach((name, average) -> Scopes.run(() -> average.copy_(taken(left, AVERAGE + name))));
            Scopes.run(() -> steps.copy_(taken(left, STEPS)));
        }
        optimizer.restore(left);
    }

    private static Tensor taken(Map<String, Tensor> saved, String name) {
        Tensor tensor = saved.remove(name);
        if (tensor == null) {
            throw new JformersException("optimizer state: lacks " + name);
        }
        return tensor;
    }

    @Override
    public void close() {
        optimizer.close();
        averages.values().forEach(Tensor::close);
        steps.close();
    }
}
