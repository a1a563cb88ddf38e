package org.jformers.nn.feedforward;

import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Described;
import org.jformers.nn.Module;

/**
 * What a layer does to each position by itself. Kinds: {@link Mlp}, {@link GatedMlp}, {@link MixtureOfExperts}, {@link
 * SwitchedExperts}.
 *
 * <p>Dimensions: B batch, T tokens, C width, F inner width.
 */
public abstract class FeedForward extends Module {

    /** [B, T, C] to [B, T, C]. */
    public abstract FeedForwardOutput forward(Tensor x_BTC);

    /** The share of its experts that a token goes through; 1 where it has none. */
    public double activeShare() {
        return 1;
    }

    /** A feed-forward part as data. */
    public interface Spec extends Described {
        /** C. */
        int width();

        FeedForward build();
    }
}
