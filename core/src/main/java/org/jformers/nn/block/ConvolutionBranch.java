package org.jformers.nn.block;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.conv.Convolution;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Tensors;

/**
 * A convolution over a layer's input, added to its output and normed; padding becomes zero. Source: DeBERTa v2,
 * transformers 5.18 {@code models/deberta_v2}, whose first layer has it so that neighbours are seen as n-grams.
 *
 * <p>Dimensions: B batch, T tokens, C width, G groups, K width of the kernel.
 */
public final class ConvolutionBranch extends Module {
    private static final Scalar ZERO = Tensors.constant(0);

    private final Spec spec;
    private final Tensor weight;
    private final Tensor bias_C;
    private final Norm norm;
    private final Dropout dropout;

    /**
     * @param kernel K, odd
     * @param groups G, a divisor of C
     * @param activation behind the convolution
     * @param norm of the sum
     * @param dropout rate before the activation, in [0, 1)
     */
    public record Spec(int kernel, int groups, Activation activation, Norm.Spec norm, double dropout) {
        public Spec {
            if (kernel < 1 || kernel % 2 == 0 || groups < 1 || norm.width() % groups != 0) {
                throw new IllegalArgumentException("convolution: got a kernel of " + kernel + " and " + groups
                        + " groups of width " + norm.width()
                        + ", allowed odd kernels and groups that divide the width");
            }
        }

        ConvolutionBranch build() {
            return new ConvolutionBranch(this);
        }
    }

    private ConvolutionBranch(Spec spec) {
        this.spec = spec;
        int width = spec.norm().width();
        weight = parameter("weight", Role.WEIGHT, width, width / spec.groups(), spec.kernel());
        bias_C = parameter("bias", Role.BIAS, width);
        norm = child("norm", spec.norm().build());
        dropout = new Dropout(spec.dropout());
    }

    /** The layer's input and output [B, T, C] to [B, T, C]; {@code real_BT} is false for padding. */
    Tensor forward(Tensor x_BTC, Tensor layer_BTC, Optional<Tensor> real_BT) {
        Tensor found_BTC = Convolution.ofFrames(x_BTC.transpose(1, 2), weight, Optional.of(bias_C), 1,
                spec.kernel() / 2, spec.groups()).transpose(1, 2);
        Optional<Tensor> padding_BT1 = real_BT.map(real ->
                Tensors.beside(real.logical_not(), x_BTC).unsqueeze(2));
        Tensor shown_BTC = padding_BT1.isPresent() ? found_BTC.masked_fill(padding_BT1.get(), ZERO) : found_BTC;
        Tensor active_BTC = spec.activation().apply(dropout.forward(shown_BTC, training()));
        Tensor sum_BTC = norm.forward(layer_BTC.add(active_BTC));
        return padding_BT1.isPresent() ? sum_BTC.masked_fill(padding_BT1.get(), ZERO) : sum_BTC;
    }
}
