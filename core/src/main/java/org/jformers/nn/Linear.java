package org.jformers.nn;

import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Affine map y = x W^T + b over the last dimension. How the product is computed is the business of its {@link Kernel},
 * which can be replaced: by one that adds a trained matrix of low rank, for example.
 */
public final class Linear extends Module {
    private static final Kernel DENSE = new Dense();

    private final Optional<Tensor> bias;
    private final boolean shared;
    private Tensor weight;
    private Kernel kernel = DENSE;

    /** Computes the product of a linear map. */
    @FunctionalInterface
    public interface Kernel {
        /** x W^T + b: [..., in] to [..., out], for W [out, in] and b [out]. */
        Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias);

        /** What a function makes of it. */
        default Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias, Activation behind) {
            return behind.apply(apply(x, weight, bias));
        }

        /** Whether the matrix alone makes the product: nothing is added to it or stands in for it. */
        default boolean isDense() {
            return false;
        }
    }

    /** A kernel that holds the matrix in a form of its own, in fewer bits. */
    public interface Quantized extends Kernel {
        /** Bytes of the numbers and scales. */
        long bytes();

        /** The matrix that its products are those of, float32 [out, in]. */
        Tensor dequantized();
    }

    /**
     * @param in width of the input
     * @param out width of the output
     * @param bias whether b is there
     * @param role role of W: decides its first value
     */
    public record Spec(int in, int out, boolean bias, Role role) {
        public Spec {
            if (in < 1 || out < 1) {
                throw new IllegalArgumentException("linear: got " + in + " to " + out + " values, allowed >= 1 each");
            }
        }

        /** A plain map with bias. */
        public Spec(int in, int out) {
            this(in, out, true, Role.WEIGHT);
        }

        public Linear build() {
            return new Linear(this);
        }
    }

    /** By the matrix as it is. */
    private static final class Dense implements Kernel {
        @Override
        public Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias) {
            return Linear.apply(x, weight, bias);
        }

        @Override
        public boolean isDense() {
            return true;
        }
    }

    private Linear(Spec spec) {
        shared = false;
        weight = parameter("weight", spec.role(), spec.out(), spec.in());
        bias = spec.bias() ? Optional.of(parameter("bias", Role.BIAS, spec.out())) : Optional.empty();
    }

    private Linear(Tensor weight) {
        this.weight = weight;
        shared = true;
        bias = Optional.empty();
    }

    /** A map by a matrix [out, in] that another module owns, such as a table of tokens. */
    public static Linear sharing(Tensor weight) {
        return new Linear(weight);
    }

    /** [..., in] to [..., out]. */
    public Tensor forward(Tensor x) {
        return kernel.apply(x, weight, bias);
    }

    /** The same with a function behind it. */
    public Tensor forward(Tensor x, Activation behind) {
        return kernel.apply(x, weight, bias, behind);
    }

    /** The same with a constant [out] of the caller's, for maps without one of their own. */
    public Tensor forward(Tensor x, Optional<Tensor> constant) {
        return kernel.apply(x, weight, constant);
    }

    /** The same computed in float32, whatever the types of the input and of the parameters are. */
    public Tensor forwardInFloat32(Tensor x) {
        return kernel.apply(x.to(ScalarType.Float), weight.to(ScalarType.Float),
                bias.map(constant -> constant.to(ScalarType.Float)));
    }

    /**
     * W, [out, in].
     *
     * @throws JformersException if it is quantized
     */
    public Tensor weight() {
        if (kernel instanceof Quantized) {
            throw new JformersException("linear map: got quantized weights, allowed those of a model that was loaded"
                    + " without quantization");
        }
        return weight;
    }

    /** Whether W alone makes the product: no kernel adds to it or stands in for it. */
    public boolean isDense() {
        return kernel.isDense();
    }

    /** Whether W is another module's. */
    public boolean isShared() {
        return shared;
    }

    /** Bytes of what a product reads of the matrix. */
    public long bytes() {
        return kernel instanceof Quantized quantized ? quantized.bytes() : weight.nbytes();
    }

    /** What computes the product. */
    public Kernel kernel() {
        return kernel;
    }

    /**
     * Computes with a kernel that is a part of its own from now on; this map owns it.
     *
     * @throws JformersException if the matrix is quantized
     */
    public <K extends Module & Kernel> void replaceKernel(String name, K replacement) {
        if (kernel instanceof Quantized) {
            replacement.close();
            throw new JformersException(name + ": got a map with quantized weights, allowed those of a model that was"
                    + " loaded without quantization");
        }
        kernel = child(name, replacement);
    }

    /** Computes with a kernel that holds the matrix itself; this map's own is freed, where no other module owns it. */
    <K extends Module & Quantized> void quantize(String name, K quantized) {
        long[] shape = weight.shape();
        replaceKernel(name, quantized);
        drop("weight");
        // No memory for a matrix that nobody is to read; its sizes are asked for.
        weight = constant(Scopes.scoped(() -> Tensors.ofFloats(new float[] {Float.NaN}, 1, 1).expand(shape)));
    }

    /** x W^T + b for parameters that another module owns: [..., in] to [..., out]. */
    public static Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias) {
        if (x.numel() == weight.size(1) && !GradMode.is_enabled() && Tensors.type(x) == ScalarType.Float) {
            return oneRow(x, weight, bias);
        }
        if (bias.isEmpty() || x.dim() == 2) {
            return bias.isPresent() ? torch.linear(x, weight, bias.get()) : torch.linear(x, weight);
        }
        // As a matrix: only then does autocast add the constant within the product. Otherwise the sum is made in
        // float32 and rounded, three passes over y.
        return shaped(torch.linear(x.reshape(-1, weight.size(1)), weight, bias.get()), x);
    }

    /** A matrix-vector product, as in decoding token by token: two to five times as fast as the matrix product. */
    private static Tensor oneRow(Tensor x, Tensor weight, Optional<Tensor> bias) {
        Tensor y = weight.mv(x.flatten());
        if (bias.isPresent()) {
            y.add_(bias.get());
        }
        return shaped(y, x);
    }

    /** The rows of {@code y} in the order of those of {@code x}. */
    private static Tensor shaped(Tensor y, Tensor x) {
        long[] shape = x.shape();
        shape[shape.length - 1] = y.size(-1);
        return y.view(shape);
    }
}
