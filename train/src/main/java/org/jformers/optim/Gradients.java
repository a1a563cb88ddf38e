package org.jformers.optim;

import java.util.Collection;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** The gradients of parameters, all together. */
public final class Gradients {
    /** As in PyTorch. */
    private static final double EPSILON = 1e-6;

    private Gradients() {}

    /**
     * Scales all gradients so that their joint Euclidean norm is at most {@code limit}.
     *
     * @param limit positive; infinity to measure only
     * @return the norm before; not finite if one of the gradients is not
     */
    public static double clip(Collection<Parameter> parameters, double limit) {
        return Scopes.get(() -> {
            List<Tensor> gradients = parameters.stream()
                    .map(parameter -> parameter.tensor().grad())
                    .filter(Tensor::defined)
                    .toList();
            if (gradients.isEmpty()) {
                return 0.0;
            }
            Tensor norms = Tensors.stack(0, gradients.stream().map(Tensor::norm).toArray(Tensor[]::new));
            double norm = norms.norm().item_double();
            double factor = limit / (norm + EPSILON);
            if (factor < 1) { // otherwise nothing changes, and nothing is written
                Scalar scale = new Scalar(factor);
                gradients.forEach(gradient -> gradient.mul_(scale));
            }
            return norm;
        });
    }

    /** Forgets them. */
    public static void clear(Collection<Parameter> parameters) {
        Scopes.run(() -> parameters.forEach(parameter -> parameter.tensor().mutable_grad().reset()));
    }
}
