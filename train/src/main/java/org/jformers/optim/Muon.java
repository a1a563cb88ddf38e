package org.jformers.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.nn.Parameter;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;

/**
 * Momentum made orthogonal, for the matrices of linear maps: a step is about equally long in all directions of a matrix
 * (K. Jordan, "Muon: an optimizer for hidden layers", 2024), and scaled to be as long as one of Adam's
 * (arXiv:2502.16982, 2.2), so that both share a learning rate. All other parameters, tables, biases and norms, are
 * {@link Adam}'s. Matrices that are stored stacked are treated one by one.
 */
public final class Muon implements Optimizer {
    /** The quintic that brings singular values from (0, 1] near 1 in five rounds. */
    private static final double A = 3.4445;
    private static final double B = -4.775;
    private static final double C = 2.0315;
    private static final int ROUNDS = 5;
    private static final double SMALLEST_NORM = 1e-7;
    /** The root mean square of a step of Adam's, as it is usually found. */
    private static final double ADAM_STEP = 0.2;

    private final double momentum;
    private final Adam rest;
    private final List<ParameterGroup> matrices = new ArrayList<>();
    private final List<ParameterGroup> all;
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();

    /**
     * @param momentum share of the momentum that stays in a step, in [0, 1)
     * @param others what Adam does with the other parameters
     * @param groups what to train; each parameter is in one of them
     */
    public Muon(double momentum, Adam.Settings others, List<ParameterGroup> groups) {
        if (!(momentum >= 0 && momentum < 1)) {
            throw new JformersException("muon: got momentum " + momentum + ", allowed [0, 1)");
        }
        this.momentum = momentum;
        List<ParameterGroup> left = new ArrayList<>();
        for (ParameterGroup group : groups) {
            Map<String, Parameter> own = new LinkedHashMap<>();
            Map<String, Parameter> foreign = new LinkedHashMap<>();
            group.parameters().forEach((name, parameter) ->
                    (isMatrix(parameter) ? own : foreign).put(name, parameter));
            matrices.add(new ParameterGroup(own, group.rateFactor(), group.weightDecay()));
            left.add(new ParameterGroup(foreign, group.rateFactor(), group.weightDecay()));
        }
        rest = new Adam(others, left);
        all = Stream.concat(matrices.stream(), left.stream()).filter(group -> !group.parameters().isEmpty()).toList();
        matrices.forEach(group -> group.parameters().forEach((name, parameter) -> Scopes.run(() ->
                buffers.put(name, Scopes.keep(torch.zeros_like(parameter.tensor().detach()))))));
    }

    private static boolean isMatrix(Parameter parameter) {
        return parameter.tensor().dim() == 2 && switch (parameter.role()) {
            case WEIGHT, RESIDUAL_WEIGHT, QUERY_WEIGHT, STACKED_WEIGHT, QUERY_STACKED_WEIGHT, ADAPTER -> true;
            default -> false;
        };
    }

    /** A matrix at work: a view of its parameter and its step before it is made orthogonal, no higher than wide. */
    private record Work(Tensor matrix, Tensor step, boolean turned) {}

    @Override
    public void step(double learningRate) {
        try (NoGrad noGrad = new NoGrad()) {
            Scopes.run(() -> matrices.forEach(group -> step(group, learningRate * group.rateFactor())));
        }
        rest.step(learningRate);
    }

    /** Matrices of one shape go through the rounds together. */
    private void step(ParameterGroup group, double rate) {
        Map<String, List<Work>> byShape = new LinkedHashMap<>();
        group.parameters().forEach((name, parameter) -> {
            if (parameter.tensor().grad().defined()) {
                works(name, parameter).forEach(work -> byShape.computeIfAbsent(
                        work.step().size(0) + " x " + work.step().size(1), shape -> new ArrayList<>()).add(work));
            }
        });
        byShape.values().forEach(works -> Scopes.run(() -> {
            Tensor step_KRC = orthogonal(torch.stack(
                    new TensorVector(works.stream().map(Work::step).toArray(Tensor[]::new)), 0));
            double longer = step_KRC.size(2);
            Scalar factor = new Scalar(-rate * ADAM_STEP * Math.sqrt(longer));
            for (int i = 0; i < works.size(); i++) {
                Work work = works.get(i);
                Tensor step = step_KRC.select(0, i);
                work.matrix().mul_(new Scalar(1 - rate * group.weightDecay()));
                work.matrix().add_(work.turned() ? step.t() : step, factor);
            }
        }));
    }

    private List<Work> works(String name, Parameter parameter) {
        Tensor gradient = parameter.tensor().grad();
        Tensor buffer = Objects.requireNonNull(buffers.get(name));
        buffer.lerp_(gradient, new Scalar(1 - momentum));
        Tensor step = gradient.lerp(buffer, new Scalar(momentum)); // Nesterov's
        long rows = parameter.tensor().size(0);
        long width = parameter.tensor().size(1);
        boolean stacked = parameter.role() == Role.STACKED_WEIGHT || parameter.role() == Role.QUERY_STACKED_WEIGHT;
        long height = stacked && rows % width == 0 ? width : rows;
        List<Work> works = new ArrayList<>();
        for (long first = 0; first < rows; first += height) {
            Tensor part = step.narrow(0, first, height);
            boolean turned = height > width;
            works.add(new Work(
                    parameter.tensor().detach().narrow(0, first, height), turned ? part.t() : part, turned));
        }
        return works;
    }

    /** [K, R, C], R at most C, to matrices whose singular values are near 1. */
    private static Tensor orthogonal(Tensor step_KRC) {
        Tensor x = step_KRC.to(ScalarType.BFloat16);
        x = x.div(x.flatten(1, 2).norm(new ScalarOptional(new Scalar(2)), new long[] {1}, true)
                .clamp(new ScalarOptional(new Scalar(SMALLEST_NORM))).unsqueeze(2));
        for (int round = 0; round < ROUNDS; round++) {
            Tensor gram_KRR = x.bmm(x.transpose(1, 2));
            Tensor change_KRR = torch.baddbmm(gram_KRR, gram_KRR, gram_KRR, new Scalar(B), new Scalar(C));
            x = torch.baddbmm(x, change_KRR, x, new Scalar(A), new Scalar(1));
        }
        return x.to(ScalarType.Float);
    }

    @Override
    public List<ParameterGroup> groups() {
        return all;
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(rest.state());
        buffers.forEach((name, buffer) -> state.put("momentum." + name, buffer));
        return state;
    }

    @Override
    public void restore(Map<String, Tensor> saved) {
        Map<String, Tensor> others = new LinkedHashMap<>(saved);
        try (NoGrad noGrad = new NoGrad()) {
            buffers.forEach((name, buffer) -> {
                Tensor before = others.remove("momentum." + name);
                if (before == null) {
                    throw new JformersException("optimizer state: lacks the momentum of " + name);
                }
                Scopes.run(() -> buffer.copy_(before));
            });
        }
        rest.restore(others);
    }

    @Override
    public void close() {
        rest.close();
        buffers.values().forEach(Tensor::close);
    }
}
