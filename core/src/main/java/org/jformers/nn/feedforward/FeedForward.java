package org.jformers.nn.feedforward;

import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;

/** Two linear maps with a non-linear function between, applied to each position. Source: arXiv:1706.03762, 3.3. */
public final class FeedForward extends Module {
    private final Spec spec;
    private final Linear in;
    private final Linear out;
    private final Dropout dropout;

    /**
     * @param width C
     * @param inner F
     * @param activation between the two maps
     * @param dropout rate behind the activation, in [0, 1)
     */
    public record Spec(int width, int inner, Activation activation, double dropout) {
        public FeedForward build() {
            return new FeedForward(this);
        }
    }

    private FeedForward(Spec spec) {
        this.spec = spec;
        in = child("in", new Linear.Spec(spec.width(), spec.inner()).build());
        out = child("out", new Linear.Spec(spec.inner(), spec.width(), true, Role.RESIDUAL_WEIGHT).build());
        dropout = new Dropout(spec.dropout());
    }

    /** [B, T, C] to [B, T, C]. */
    public Tensor forward(Tensor x_BTC) {
        Tensor inner_BTF = spec.activation().apply(in.forward(x_BTC));
        return out.forward(dropout.forward(inner_BTF, training()));
    }
}
