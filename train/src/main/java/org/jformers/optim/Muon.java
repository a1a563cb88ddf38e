package org.jformers.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.nn.Parameter;
import org.jformers.nn.Parameter.Role;
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

    private final Composite parts;

    /**
     * @param momentum share of the momentum that stays in a step, in [0, 1)
     * @param others what Adam does with the other parameters, and in which numbers both keep their states
     * @param groups what to train; each parameter is in one of them
     */
    public Muon(double momentum, Adam.Settings others, List<ParameterGroup> groups) {
        if (!(momentum >= 0 && momentum < 1)) {
            throw new JformersException("muon: got momentum " + momentum + ", allowed [0, 1)");
        }
        List<ParameterGroup> matrices = new ArrayList<>();
        List<ParameterGroup> left = new ArrayList<>();
        for (ParameterGroup group : groups) {
            Map<String, Parameter> own = new LinkedHashMap<>();
            Map<String, Parameter> foreign = new LinkedHashMap<>();
            group.parameters().forEach((name, parameter) ->
                    (isMatrix(parameter) ? own : foreign).put(name, parameter));
            matrices.add(new ParameterGroup(own, group.rateFactor(), group.weightDecay()));
            left.add(new ParameterGroup(foreign, group.rateFactor(), group.weightDecay()));
        }
        parts = new Composite(List.of(
                new Adam(others, filled(left)), new Matrices(momentum, others.states(), filled(matrices))));
    }

    private static List<ParameterGroup> filled(List<ParameterGroup> groups) {
        return groups.stream().filter(group -> !group.parameters().isEmpty()).toList();
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
        parts.step(learningRate);
    }

    @Override
    public List<ParameterGroup> groups() {
        return parts.groups();
    }

    @Override
    public Map<String, Tensor> state() {
        return parts.state();
    }

    @Override
    public void restore(Map<String, Tensor> saved) {
        parts.restore(saved);
    }

    @Override
    public void close() {
        parts.close();
    }

    /** The matrices alone. */
    private static final class Matrices extends GroupedOptimizer {
        private static final String MOMENTUM = "momentum";

        private final double momentum;

        private Matrices(double momentum, StateType states, List<ParameterGroup> groups) {
            super("muon", groups, states, parameter -> Map.of(MOMENTUM, zeros(parameter)));
            this.momentum = momentum;
        }

        /** Matrices of one shape go through the rounds together. */
        @Override
        void update(List<Slot> slots, double rate, double weightDecay) {
            Map<String, List<Work>> byShape = new LinkedHashMap<>();
            slots.forEach(slot -> works(slot).forEach(work -> byShape.computeIfAbsent(
                    work.step().size(0) + " x " + work.step().size(1), shape -> new ArrayList<>()).add(work)));
            byShape.values().forEach(works -> Scopes.run(() -> {
                Tensor step_KRC = orthogonal(torch.stack(
                        new TensorVector(works.stream().map(Work::step).toArray(Tensor[]::new)), 0));
                double longer = step_KRC.size(2);
                Scalar factor = new Scalar(-rate * ADAM_STEP * Math.sqrt(longer));
                for (int i = 0; i < works.size(); i++) {
                    Work work = works.get(i);
                    Tensor step = step_KRC.select(0, i);
                    work.matrix().mul_(new Scalar(1 - rate * weightDecay));
                    work.matrix().add_(work.turned() ? step.t() : step, factor);
                }
            }));
        }

        private List<Work> works(Slot slot) {
            Tensor buffer = slot.state(MOMENTUM).lerp_(slot.gradient(), new Scalar(1 - momentum));
            Tensor step = slot.gradient().lerp(buffer, new Scalar(momentum)); // Nesterov's
            Tensor matrix = slot.value();
            Role role = slot.parameter().role();
            long rows = matrix.size(0);
            long width = matrix.size(1);
            boolean stacked = role == Role.STACKED_WEIGHT || role == Role.QUERY_STACKED_WEIGHT;
            long height = stacked && rows % width == 0 ? width : rows;
            List<Work> works = new ArrayList<>();
            for (long first = 0; first < rows; first += height) {
                Tensor part = step.narrow(0, first, height);
                boolean turned = height > width;
                works.add(new Work(matrix.narrow(0, first, height), turned ? part.t() : part, turned));
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
    }
}
