package org.jformers.nn;

import java.util.Collection;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;

/** The first values of parameters that no checkpoint fills. Scales start at 1 and biases at 0 in every kind. */
public sealed interface Initialization {

    /** Fills one matrix or table, in place. */
    void fillMatrix(Tensor matrix, Role role);

    /** Fills parameters, in place, drawing from the generator of {@link Seeds} in the order given. */
    default void fill(Collection<Parameter> parameters) {
        try (NoGrad noGrad = new NoGrad()) {
            for (Parameter parameter : parameters) {
                Scopes.run(() -> {
                    Tensor tensor = parameter.tensor();
                    if (parameter.role() == Role.BIAS || parameter.role() == Role.SCALE_OFFSET) {
                        tensor.zero_();
                    } else if (parameter.role() == Role.SCALE) {
                        Tensors.fillUniform(tensor.zero_(), 1, 1);
                    } else if (parameter.trainable() && parameter.role() != Role.PRESET) {
                        fillMatrix(tensor, parameter.role());
                    }
                });
            }
        }
    }

    private static void requireDeviation(double deviation) {
        if (!(deviation >= 0)) {
            throw new IllegalArgumentException(
                    "initial weights: got a standard deviation of " + deviation + ", allowed 0 or more");
        }
    }

    /**
     * Normal numbers around 0, as BERT and GPT-2 start.
     *
     * @param deviation standard deviation of all matrices
     * @param residualDeviation standard deviation of those that add to the residual stream; GPT-2 divides by sqrt(2 L)
     * @param tableDeviation that of the tables of tokens, segments and positions
     */
    record Normal(double deviation, double residualDeviation, double tableDeviation) implements Initialization {
        public Normal {
            requireDeviation(deviation);
            requireDeviation(residualDeviation);
            requireDeviation(tableDeviation);
        }

        /** Tables as matrices. */
        public Normal(double deviation, double residualDeviation) {
            this(deviation, residualDeviation, deviation);
        }

        @Override
        public void fillMatrix(Tensor matrix, Role role) {
            double own = role == Role.EMBEDDING ? tableDeviation : deviation;
            Tensors.fillNormal(matrix, 0, role == Role.RESIDUAL_WEIGHT ? residualDeviation : own);
        }
    }

    /**
     * Uniform numbers whose variance keeps signals level (Glorot and Bengio 2010), with embeddings normal at 1/sqrt(C),
     * as the original Transformer starts. Stacked matrices count their outputs apart.
     */
    record Glorot() implements Initialization {
        @Override
        public void fillMatrix(Tensor matrix, Role role) {
            double in = matrix.size(1);
            if (role == Role.EMBEDDING) {
                Tensors.fillNormal(matrix, 0, 1 / Math.sqrt(in));
                return;
            }
            double out = isStacked(role) ? Math.min(in, matrix.size(0)) : matrix.size(0);
            double bound = Math.sqrt(6 / (in + out));
            Tensors.fillUniform(matrix, -bound, bound);
        }

        private static boolean isStacked(Role role) {
            return role == Role.STACKED_WEIGHT || role == Role.QUERY_STACKED_WEIGHT;
        }
    }

    /**
     * Normal numbers whose deviation falls with the square root of a matrix's inputs, as T5 starts. Queries start
     * smaller by another sqrt(D), since its scores are not divided by that; tables of vectors start at the factor
     * itself.
     *
     * @param factor on all deviations
     * @param width C
     * @param headDim D
     */
    record FanIn(double factor, int width, int headDim) implements Initialization {
        public FanIn {
            requireDeviation(factor);
        }

        @Override
        public void fillMatrix(Tensor matrix, Role role) {
            double deviation = factor / Math.sqrt(matrix.size(1));
            switch (role) {
                case EMBEDDING -> Tensors.fillNormal(matrix, 0, factor);
                case POSITION_BIAS -> Tensors.fillNormal(matrix, 0, factor / Math.sqrt(width));
                case QUERY_WEIGHT -> Tensors.fillNormal(matrix, 0, deviation / Math.sqrt(headDim));
                case QUERY_STACKED_WEIGHT -> {
                    Tensors.fillNormal(matrix, 0, deviation);
                    Tensor query = matrix.narrow(0, 0, matrix.size(0) / 3);
                    query.div_(new Scalar(Math.sqrt(headDim)));
                }
                default -> Tensors.fillNormal(matrix, 0, deviation);
            }
        }
    }
}
