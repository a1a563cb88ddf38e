package org.jformers.nn.feedforward;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.Slices;

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
     * @param chunk how many positions go through at once: fewer need less memory for [B, T, F] where no gradients are
     *     recorded, and more time; all where it is empty
     */
    public record Spec(
            int width, int inner, Activation activation, boolean bias, double dropout, Optional<Integer> chunk)
            implements FeedForward.Spec {
        public Spec {
            if (chunk.isPresent() && chunk.get() < 1) {
                throw new IllegalArgumentException("feed-forward: got chunks of " + chunk.get()
                        + " positions, allowed >= 1");
            }
        }

        /** With biases and without dropout, all positions at once. */
        public Spec(int width, int inner, Activation activation) {
            this(width, inner, activation, true, 0, Optional.empty());
        }

        /** The same without constants. */
        public Spec withoutBias() {
            return new Spec(width, inner, activation, false, dropout, chunk);
        }

        /** The same with dropout behind the activation. */
        public Spec withDropout(double rate) {
            return new Spec(width, inner, activation, bias, rate, chunk);
        }

        /** The same with fewer positions at once. */
        public Spec withChunk(Optional<Integer> positions) {
            return new Spec(width, inner, activation, bias, dropout, positions);
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
        return FeedForwardOutput.of(Slices.mapped(
                x_BTC, spec.chunk().map(Integer::longValue).orElseGet(() -> Slices.length(x_BTC)), this::mapped));
    }

    private Tensor mapped(Tensor x_BTC) {
        Tensor inner_BTF = in.forward(x_BTC, spec.activation());
        return out.forward(dropout.forward(inner_BTF, training()));
    }
}
