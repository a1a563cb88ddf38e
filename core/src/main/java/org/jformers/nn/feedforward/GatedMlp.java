package org.jformers.nn.feedforward;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.Slices;

/**
 * activation(x G) * (x U), then a linear map: SwiGLU, GeGLU and their like. Source: arXiv:2002.05202. The two maps at
 * the entrance are one matrix product; {@code in.weight} holds the rows of the gate G, then those of U.
 */
public final class GatedMlp extends FeedForward {
    private final Spec spec;
    private final Linear in;
    private final Linear out;
    private final Dropout dropout;

    /**
     * @param width C
     * @param inner F
     * @param activation of the gate: SILU in SwiGLU, a GELU in GeGLU
     * @param bias whether the maps add constants
     * @param dropout rate behind the product, in [0, 1)
     */
    public record Spec(int width, int inner, Activation activation, boolean bias, double dropout)
            implements FeedForward.Spec {
        /** Without biases and dropout. */
        public Spec(int width, int inner, Activation activation) {
            this(width, inner, activation, false, 0);
        }

        /** The same with biases, or without. */
        public Spec withBias(boolean there) {
            return new Spec(width, inner, activation, there, dropout);
        }

        /** The same with dropout behind the product. */
        public Spec withDropout(double rate) {
            return new Spec(width, inner, activation, bias, rate);
        }

        @Override
        public GatedMlp build() {
            return new GatedMlp(this);
        }
    }

    private GatedMlp(Spec spec) {
        this.spec = spec;
        in = child("in", new Linear.Spec(spec.width(), 2 * spec.inner(), spec.bias(), Role.STACKED_WEIGHT).build());
        out = child("out", new Linear.Spec(spec.inner(), spec.width(), spec.bias(), Role.RESIDUAL_WEIGHT).build());
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public FeedForwardOutput forward(Tensor x_BTC) {
        return FeedForwardOutput.of(Slices.mapped(x_BTC, Slices.length(x_BTC), this::mapped));
    }

    private Tensor mapped(Tensor x_BTC) {
        TensorVector parts = in.forward(x_BTC).chunk(2, -1);
        Tensor inner_BTF = spec.activation().apply(parts.get(0)).mul(parts.get(1));
        return out.forward(dropout.forward(inner_BTF, training()));
    }
}
