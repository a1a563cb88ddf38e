package org.jformers.nn;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.JformersException;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/** Element-wise functions between linear maps, under the names that checkpoints use. */
public enum Activation {
    RELU(torch::relu, "relu"),
    /** max(0, x), at most 6. */
    RELU6(torch::relu6, "relu6"),
    /** x, and a hundredth of it below 0. */
    LEAKY_RELU(torch::leaky_relu, "leaky_relu"),
    /** x * Phi(x) by the error function. */
    GELU(torch::gelu, "gelu", "gelu_python"),
    /** The tanh approximation of GELU, as GPT and GPT-2 compute it. */
    GELU_TANH(x -> torch.gelu(x, "tanh"), "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh",
            "gelu_accurate"),
    /** x * sigmoid(1.702 x), as CLIP computes GELU. */
    QUICK_GELU(x -> x.mul(torch.sigmoid(x.mul(Constants.QUICK))), "quick_gelu"),
    /** GELU, at most 10. */
    GELU_10(x -> torch.gelu(x).clamp_max(Constants.TEN), "gelu_10"),
    SILU(torch::silu, "silu", "swish"),
    TANH(torch::tanh, "tanh"),
    SIGMOID(torch::sigmoid, "sigmoid"),
    MISH(torch::mish, "mish"),
    HARD_SWISH(torch::hardswish, "hardswish"),
    RELU_SQUARED(x -> torch.relu(x).square(), "relu2"),
    /** sqrt(log(1 + e^x)). */
    SQRT_SOFTPLUS(x -> torch.softplus(x).sqrt(), "sqrtsoftplus"),
    /**
     * The distribution function of a normal variable that is close to {@link #RELU_SQUARED}. Source: arXiv:2209.10655.
     */
    LAPLACE(
            x -> torch.erf(x.sub(Constants.LAPLACE_MEAN).div(Constants.LAPLACE_WIDTH)).add(Constants.ONE)
                    .mul(Constants.HALF),
            "laplace"),
    LINEAR(x -> x, "linear");

    private final UnaryOperator<Tensor> function;
    private final String[] names;

    Activation(UnaryOperator<Tensor> function, String... names) {
        this.function = function;
        this.names = names;
    }

    /** Same shape in and out. */
    public Tensor apply(Tensor x) {
        return Tensors.shaped(x, x.shape(), () -> function.apply(x));
    }

    /** The activation that a checkpoint calls {@code name}. */
    public static Activation named(@Nullable String name) {
        for (Activation activation : values()) {
            if (Arrays.asList(activation.names).contains(name)) {
                return activation;
            }
        }
        throw new JformersException("activation: got " + name + ", allowed "
                + Arrays.stream(values()).map(a -> a.names[0]).toList());
    }

    /** Numbers that are made once. */
    private static final class Constants {
        private static final Scalar QUICK = Tensors.constant(1.702);
        private static final Scalar TEN = Tensors.constant(10.0);
        private static final Scalar ONE = Tensors.constant(1.0);
        private static final Scalar HALF = Tensors.constant(0.5);
        private static final Scalar LAPLACE_MEAN = Tensors.constant(0.707107);
        private static final Scalar LAPLACE_WIDTH = Tensors.constant(0.282095 * Math.sqrt(2));
    }
}
