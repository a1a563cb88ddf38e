package org.jformers.optim;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Changes parameters along their gradients. Owns its state until closed; the parameters belong to the model. */
public interface Optimizer extends AutoCloseable {

    /**
     * Takes one step with the gradients that the parameters hold; those without a gradient stay as they are.
     *
     * @param learningRate the rate, multiplied by the factor of each group
     */
    void step(double learningRate);

    /** What it changes; each parameter is in one group. */
    List<ParameterGroup> groups();

    /** Everything besides the parameters that the next step depends on, by name; views that must not be changed. */
    Map<String, Tensor> state();

    /** Takes over a state that {@link #state} gave, copying it. */
    void restore(Map<String, Tensor> state);

    @Override
    void close();
}
