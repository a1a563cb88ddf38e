package org.jformers.nn.feedforward;

import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;

/** Two linear maps with a non-linear function between. Source: arXiv:1706.03762, 3.3. */
public final class Mlp extends FeedForward {
    private final Spec spec;
    private final Linear in;
    private final Linear out;
    private final Dropout dropout;

    /**
     * @param width C
     * @param inner F
     * @param activation between the two maps
     * @param bias whether the two maps add constants
     * @param dropout rate behind the activation, in [0, 1)
     */
    public record Spec(int width, int inner, Activation activation, boolean bias, double dropout)
            implements FeedForward.Spec {
        /** With biases and without dropout. */
        public Spec(int width, int inner, Activation activation) {
            this(width, inner, activation, true, 0);
        }

        /** The same with dropout behind the activation. */
        public Spec withDropout(double rate) {
            return new Spec(width, inner, activation, bias, rate);
        }

        @Override
        public Mlp build() {
            return new Mlp(this);
        }
    }

    private Mlp(Spec spec) {
        this.spec = spec;
        in = child("in", new Linear.Spec(spec.width(), spec.inner(), spec.bias(), Role.WEIGHT).build());
        out = child("out", new Linear.Spec(spec.inner(), spec.width(), spec.bias(), Role.RESIDUAL_WEIGHT).build());
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public FeedForwardOutput forward(Tensor x_BTC) {
        Tensor inner_BTF = spec.activation().apply(in.forward(x_BTC));
        return FeedForwardOutput.of(out.forward(dropout.forward(inner_BTF, training())));
    }
}
