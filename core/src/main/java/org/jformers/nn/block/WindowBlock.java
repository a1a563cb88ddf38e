package org.jformers.nn.block;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.DropPath;
import org.jformers.nn.Dropout;
import org.jformers.nn.Module;
import org.jformers.nn.attention.AttentionOutput;
import org.jformers.nn.attention.WindowAttention;
import org.jformers.nn.feedforward.FeedForward;
import org.jformers.nn.norm.Norm;

/**
 * One pre-norm layer over the patches of an image: attention within windows, feed-forward. Source: arXiv:2103.14030.
 */
public final class WindowBlock extends Module {
    private final WindowAttention attention;
    private final Norm attentionNorm;
    private final FeedForward feedForward;
    private final Norm feedForwardNorm;
    private final Dropout dropout;
    private final DropPath dropPath;

    /**
     * @param norm norm before each part
     * @param attention attention within windows
     * @param feedForward the position-wise part
     * @param dropout rate on the output of each part, in [0, 1)
     * @param dropPath share of rows whose attention is left out while training, in [0, 1)
     */
    public record Spec(
            Norm.Spec norm,
            WindowAttention.Spec attention,
            FeedForward.Spec feedForward,
            double dropout,
            double dropPath) {
        /** C. */
        public int width() {
            return attention.width();
        }

        public WindowBlock build() {
            return new WindowBlock(this);
        }
    }

    /**
     * What a layer gives.
     *
     * @param hidden_BTC its vectors
     * @param weights weights of the attention, if asked for
     */
    public record Output(Tensor hidden_BTC, Optional<Tensor> weights) {}

    private WindowBlock(Spec spec) {
        attention = child("attention", spec.attention().build());
        attentionNorm = child("attentionNorm", spec.norm().build());
        feedForward = child("feedForward", spec.feedForward().build());
        feedForwardNorm = child("feedForwardNorm", spec.norm().build());
        dropout = new Dropout(spec.dropout());
        dropPath = new DropPath(spec.dropPath());
    }

    /** [B, T, C] to [B, T, C], T being {@code rows} times {@code columns} of patches. */
    public Output forward(Tensor x_BTC, long rows, long columns, boolean wantWeights) {
        long batch = x_BTC.size(0);
        long width = x_BTC.size(2);
        Tensor x_BHWC = attentionNorm.forward(x_BTC).view(batch, rows, columns, width);
        AttentionOutput attended = attention.forward(x_BHWC, wantWeights);
        Tensor context_BTC = dropout.forward(attended.context().reshape(batch, rows * columns, width), training());
        Tensor hidden_BTC = x_BTC.add(dropPath.forward(context_BTC, training()));
        Tensor made_BTC = feedForward.forward(feedForwardNorm.forward(hidden_BTC)).hidden();
        return new Output(hidden_BTC.add(dropout.forward(made_BTC, training())), attended.weights());
    }
}
