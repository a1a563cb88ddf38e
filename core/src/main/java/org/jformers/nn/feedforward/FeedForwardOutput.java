package org.jformers.nn.feedforward;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What a feed-forward part gives.
 *
 * @param hidden its vectors, [B, T, C]
 * @param routerLogits scores by which tokens were sent to experts, [B * T, X], or [B, T, X] where a sequence
 *     has places of its own; only from mixtures of experts
 */
public record FeedForwardOutput(Tensor hidden, Optional<Tensor> routerLogits) {

    /** Of a part without experts. */
    public static FeedForwardOutput of(Tensor hidden_BTC) {
        return new FeedForwardOutput(hidden_BTC, Optional.empty());
    }
}
