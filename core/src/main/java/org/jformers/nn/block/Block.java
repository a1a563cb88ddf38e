package org.jformers.nn.block;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Dropout;
import org.jformers.nn.Module;
import org.jformers.nn.attention.AttentionOutput;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.feedforward.FeedForward;
import org.jformers.nn.mask.Visibility.Allowed;
import org.jformers.nn.norm.Norm;

/**
 * One layer: self-attention, attention to a memory if there is one, feed-forward; each with dropout, a residual
 * connection and a norm. Source: arXiv:1706.03762, 3.1; pre-norm: arXiv:2002.04745.
 */
public final class Block extends Module {
    private final Spec spec;
    private final SelfAttention attention;
    private final Norm attentionNorm;
    private final Optional<CrossAttention> crossAttention;
    private final Optional<Norm> crossAttentionNorm;
    private final FeedForward feedForward;
    private final Norm feedForwardNorm;
    private final Dropout dropout;

    /** Where the norm stands. */
    public enum NormOrder {
        /** x + f(norm(x)). */
        PRE,
        /** norm(x + f(x)). */
        POST
    }

    /**
     * @param norm norm of each of the two or three parts
     * @param order where it stands
     * @param attention attention of the sequence to itself
     * @param crossAttention attention to a memory; empty in encoders and decoder-only models
     * @param feedForward the position-wise part
     * @param dropout rate on the output of each part, in [0, 1)
     */
    public record Spec(
            Norm.Spec norm,
            NormOrder order,
            SelfAttention.Spec attention,
            Optional<CrossAttention.Spec> crossAttention,
            FeedForward.Spec feedForward,
            double dropout) {
        public Spec {
            if (norm.width() != attention.width() || norm.width() != feedForward.width()) {
                throw new IllegalArgumentException("block: widths differ, norm " + norm.width() + ", attention "
                        + attention.width() + ", feed-forward " + feedForward.width());
            }
        }

        public Block build() {
            return new Block(this);
        }
    }

    /**
     * What surrounds the tokens in one pass.
     *
     * @param allowed what self-attention may see
     * @param memory what there is to attend to besides
     * @param cache keys and values of earlier tokens
     * @param wantWeights whether to return attention weights
     */
    public record Context(
            Allowed allowed, Optional<Memory> memory, Optional<KeyValueCache.Layer> cache, boolean wantWeights) {}

    /**
     * The output of an encoder.
     *
     * @param hidden_BSC its vectors
     * @param allowed which of them are tokens and not padding
     */
    public record Memory(Tensor hidden_BSC, Allowed allowed) {}

    /**
     * What a layer gives.
     *
     * @param hidden_BTC its vectors
     * @param weights weights of self-attention, if asked for
     * @param crossWeights weights of the attention to the memory, if asked for and there
     */
    public record Output(Tensor hidden_BTC, Optional<Tensor> weights, Optional<Tensor> crossWeights) {}

    private Block(Spec spec) {
        this.spec = spec;
        attention = child("attention", spec.attention().build());
        attentionNorm = child("attentionNorm", spec.norm().build());
        crossAttention = spec.crossAttention().map(cross -> child("crossAttention", cross.build()));
        crossAttentionNorm = spec.crossAttention().map(cross -> child("crossAttentionNorm", spec.norm().build()));
        feedForward = child("feedForward", spec.feedForward().build());
        feedForwardNorm = child("feedForwardNorm", spec.norm().build());
        dropout = new Dropout(spec.dropout());
    }

    /** [B, T, C] to [B, T, C]. */
    public Output forward(Tensor x_BTC, Context context) {
        Held weights = new Held();
        Held crossWeights = new Held();
        Tensor hidden_BTC = residual(x_BTC, attentionNorm, x ->
                weights.take(attention.forward(x, context.allowed(), context.cache(), context.wantWeights())));
        if (crossAttention.isPresent() && context.memory().isPresent()) {
            Memory memory = context.memory().get();
            hidden_BTC = residual(hidden_BTC, crossAttentionNorm.get(), x -> crossWeights.take(crossAttention
                    .get()
                    .forward(x, memory.hidden_BSC(), memory.allowed(), context.cache(), context.wantWeights())));
        }
        hidden_BTC = residual(hidden_BTC, feedForwardNorm, feedForward::forward);
        return new Output(hidden_BTC, weights.value, crossWeights.value);
    }

    private Tensor residual(Tensor x_BTC, Norm norm, UnaryOperator<Tensor> part) {
        if (spec.order() == NormOrder.PRE) {
            return x_BTC.add(dropout.forward(part.apply(norm.forward(x_BTC)), training()));
        }
        return norm.forward(x_BTC.add(dropout.forward(part.apply(x_BTC), training())));
    }

    public Spec spec() {
        return spec;
    }

    /** Takes the weights out of an attention output on its way into the residual stream. */
    private static final class Held {
        private Optional<Tensor> value = Optional.empty();

        private Tensor take(AttentionOutput output) {
            value = output.weights();
            return output.context();
        }
    }
}
