package org.jformers.optim;

import java.util.Collection;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Parameter;
import org.jformers.tensor.Scopes;

/** The gradients of parameters, all together. */
public final class Gradients {
    private Gradients() {}

    /**
     * Scales all gradients so that their joint Euclidean norm is at most {@code limit}.
     *
     * @param limit positive; infinity to measure only
     * @return the norm before; not finite if one of the gradients is not
     */
    public static double clip(Collection<Parameter> parameters, double limit) {
        return Scopes.get(() -> {
            TensorVector trained = new TensorVector(parameters.stream()
                    .map(Parameter::tensor)
                    .filter(tensor -> tensor.grad().defined())
                    .toArray(Tensor[]::new));
            return torch.clip_grad_norm_(trained, limit);
        });
    }

    /** Forgets them. */
    public static void clear(Collection<Parameter> parameters) {
        Scopes.run(() -> parameters.forEach(parameter -> parameter.tensor().mutable_grad().reset()));
    }
}
