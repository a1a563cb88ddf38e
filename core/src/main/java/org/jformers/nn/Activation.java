package org.jformers.nn;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.JformersException;

/** Element-wise functions between linear maps, under the names that checkpoints use. */
public enum Activation {
    RELU(torch::relu, "relu"),
    /** x * Phi(x) by the error function. */
    GELU(torch::gelu, "gelu", "gelu_python"),
    /** The tanh approximation of GELU, as GPT and GPT-2 compute it. */
    GELU_TANH(x -> torch.gelu(x, "tanh"), "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_accurate"),
    SILU(torch::silu, "silu", "swish"),
    TANH(torch::tanh, "tanh"),
    SIGMOID(torch::sigmoid, "sigmoid"),
    MISH(torch::mish, "mish"),
    RELU_SQUARED(x -> torch.relu(x).square(), "relu2"),
    LINEAR(x -> x, "linear");

    private final UnaryOperator<Tensor> function;
    private final String[] names;

    Activation(UnaryOperator<Tensor> function, String... names) {
        this.function = function;
        this.names = names;
    }

    /** Same shape in and out. */
    public Tensor apply(Tensor x) {
        return function.apply(x);
    }

    /** The activation that a checkpoint calls {@code name}. */
    public static Activation named(String name) {
        for (Activation activation : values()) {
            if (Arrays.asList(activation.names).contains(name)) {
                return activation;
            }
        }
        throw new JformersException("activation: got " + name + ", allowed "
                + Arrays.stream(values()).map(a -> a.names[0]).toList());
    }
}
