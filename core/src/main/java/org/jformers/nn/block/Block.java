package org.jformers.nn.block;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Described;
import org.jformers.nn.Dropout;
import org.jformers.nn.Module;
import org.jformers.nn.attention.Attention;
import org.jformers.nn.attention.AttentionContext;
import org.jformers.nn.attention.AttentionOutput;
import org.jformers.nn.attention.CachedRow;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.LayerCache;
import org.jformers.nn.feedforward.FeedForward;
import org.jformers.nn.feedforward.FeedForwardOutput;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * One layer: self-attention, attention to a memory if there is one, feed-forward; each with dropout, a residual
 * connection and a norm. Source: arXiv:1706.03762, 3.1; pre-norm: arXiv:2002.04745.
 */
public final class Block extends Module {
    private final Spec spec;
    private final Attention attention;
    private final Norm attentionNorm;
    private final Optional<Norm> attentionOutputNorm;
    private final Optional<CrossAttention> crossAttention;
    private final Optional<Norm> crossAttentionNorm;
    private final FeedForward feedForward;
    private final Norm feedForwardNorm;
    private final Optional<Norm> feedForwardOutputNorm;
    private final Optional<ConvolutionBranch> convolution;
    private final Dropout dropout;
    private final Dropout feedForwardDropout;

    /** Where the norm stands. */
    public enum NormOrder {
        /** x + f(norm(x)). */
        PRE,
        /** norm(x + f(x)). */
        POST,
        /** x + norm(f(norm(x))), in decoders without a memory. */
        SANDWICH
    }

    /**
     * The norms.
     *
     * @param attention of the attention to the sequence itself, and of that to a memory
     * @param feedForward of the feed-forward part
     * @param order where they stand
     */
    public record Norms(Norm.Spec attention, Norm.Spec feedForward, NormOrder order) {}

    /**
     * Rates of dropout on what a part gives, before it is added to its input. Source: arXiv:1706.03762, 5.4.
     *
     * @param attention of the attentions, in [0, 1)
     * @param feedForward of the feed-forward part, in [0, 1)
     */
    public record ResidualDropout(double attention, double feedForward) {}

    /**
     * @param norms the norms and where they stand
     * @param attention attention of the sequence to itself
     * @param crossAttention attention to a memory; empty in encoders and decoder-only models
     * @param feedForward the position-wise part
     * @param dropout rates on the parts' outputs
     * @param convolution over the layer's input, added at the end, if there is one
     */
    public record Spec(
            Norms norms,
            Attention.Spec attention,
            Optional<CrossAttention.Spec> crossAttention,
            FeedForward.Spec feedForward,
            ResidualDropout dropout,
            Optional<ConvolutionBranch.Spec> convolution)
            implements Described {
        public Spec {
            int width = attention.width();
            if (norms.attention().width() != width || norms.feedForward().width() != width
                    || feedForward.width() != width) {
                throw new IllegalArgumentException("block: widths differ, norms " + norms.attention().width() + " and "
                        + norms.feedForward().width() + ", attention " + width + ", feed-forward "
                        + feedForward.width());
            }
        }

        /** One norm for all parts, no memory, no dropout. */
        public static Spec of(
                Norm.Spec norm, NormOrder order, Attention.Spec attention, FeedForward.Spec feedForward) {
            return of(new Norms(norm, norm, order), attention, feedForward);
        }

        /** No memory, no dropout. */
        public static Spec of(Norms norms, Attention.Spec attention, FeedForward.Spec feedForward) {
            return new Spec(norms, attention, Optional.empty(), feedForward, new ResidualDropout(0, 0),
                    Optional.empty());
        }

        public Spec withCrossAttention(Optional<CrossAttention.Spec> cross) {
            return new Spec(norms, attention, cross, feedForward, dropout, convolution);
        }

        public Spec withAttention(Attention.Spec other) {
            return new Spec(norms, other, crossAttention, feedForward, dropout, convolution);
        }

        public Spec withDropout(double rate) {
            return withDropout(new ResidualDropout(rate, rate));
        }

        public Spec withDropout(ResidualDropout rates) {
            return new Spec(norms, attention, crossAttention, feedForward, rates, convolution);
        }

        public Spec withConvolution(ConvolutionBranch.Spec branch) {
            return new Spec(norms, attention, crossAttention, feedForward, dropout, Optional.of(branch));
        }

        /** C. */
        public int width() {
            return attention.width();
        }

        @Override
        public String toString() {
            return describe();
        }

        public Block build() {
            return new Block(this);
        }
    }

    /**
     * What surrounds the tokens in one pass.
     *
     * @param attention what self-attention may see and what it remembers
     * @param memory what there is to attend to besides; with a cache its rows remember it
     * @param real_BS bool, which tokens are no padding; empty if all are
     */
    public record Context(AttentionContext attention, Optional<Memory> memory, Optional<Tensor> real_BS) {}

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
     * @param routerLogits scores by which the feed-forward part chose experts, if it has experts
     */
    public record Output(
            Tensor hidden_BTC,
            Optional<Tensor> weights,
            Optional<Tensor> crossWeights,
            Optional<Tensor> routerLogits) {}

    private Block(Spec spec) {
        this.spec = spec;
        boolean sandwich = spec.norms().order() == NormOrder.SANDWICH;
        attention = child("attention", spec.attention().build());
        attentionNorm = child("attentionNorm", spec.norms().attention().build());
        attentionOutputNorm = sandwich
                ? Optional.of(child("attentionOutputNorm", spec.norms().attention().build()))
                : Optional.empty();
        crossAttention = spec.crossAttention().map(cross -> child("crossAttention", cross.build()));
        crossAttentionNorm =
                spec.crossAttention().map(cross -> child("crossAttentionNorm", spec.norms().attention().build()));
        feedForward = child("feedForward", spec.feedForward().build());
        feedForwardNorm = child("feedForwardNorm", spec.norms().feedForward().build());
        feedForwardOutputNorm = sandwich
                ? Optional.of(child("feedForwardOutputNorm", spec.norms().feedForward().build()))
                : Optional.empty();
        convolution = spec.convolution().map(branch -> child("convolution", branch.build()));
        dropout = new Dropout(spec.dropout().attention());
        feedForwardDropout = new Dropout(spec.dropout().feedForward());
    }

    /** [B, T, C] to [B, T, C]. */
    public Output forward(Tensor x_BTC, Context context) {
        // Whoever reads norm(x) reads its memory normed alike.
        AttentionContext around = spec.norms().order() == NormOrder.PRE
                ? context.attention().withMemory(attentionNorm::forward)
                : context.attention();
        Held weights = new Held();
        Held crossWeights = new Held();
        Held routerLogits = new Held();
        Tensor hidden_BTC = residual(x_BTC, attentionNorm, attentionOutputNorm, dropout, x -> {
            AttentionOutput output = attention.forward(x, around);
            weights.value = output.weights().map(Scopes::release);
            return output.context();
        });
        boolean reads = around.cache().map(LayerCache::hasMemory).orElse(context.memory().isPresent());
        if (crossAttention.isPresent() && reads) {
            CrossAttention cross = crossAttention.get();
            hidden_BTC = residual(hidden_BTC, crossAttentionNorm.get(), Optional.empty(), dropout, x -> {
                AttentionOutput output = around.cache().isPresent()
                        ? cross.forward(x, around.cache().get(), around.wantWeights())
                        : cross.forward(x, context.memory().get().hidden_BSC(), context.memory().get().allowed(),
                                around.wantWeights());
                crossWeights.value = output.weights().map(Scopes::release);
                return output.context();
            });
        }
        hidden_BTC = residual(hidden_BTC, feedForwardNorm, feedForwardOutputNorm, feedForwardDropout, x -> {
            FeedForwardOutput output = feedForward.forward(x);
            routerLogits.value = output.routerLogits().map(Scopes::release);
            return output.hidden();
        });
        if (convolution.isPresent()) {
            hidden_BTC = convolution.get().forward(x_BTC, hidden_BTC, context.real_BS());
        }
        return new Output(hidden_BTC, weights.value, crossWeights.value, routerLogits.value);
    }

    /** Keeps what the attention to a memory, [1, S, C], needs of it with a row of a cache. */
    public void remember(CachedRow row, Tensor memory_1SC) {
        crossAttention.ifPresent(cross -> Scopes.run(() -> cross.remember(row, memory_1SC)));
    }

    /** A part and what stands around it, in a scope of its own: what it made is gone when the next part begins. */
    private Tensor residual(
            Tensor x_BTC, Norm norm, Optional<Norm> outputNorm, Dropout dropout, UnaryOperator<Tensor> part) {
        return Scopes.scoped(() -> switch (spec.norms().order()) {
            case PRE -> sum(x_BTC, dropout.forward(part.apply(norm.forward(x_BTC)), training()));
            case POST -> norm.forward(sum(x_BTC, dropout.forward(part.apply(x_BTC), training())));
            case SANDWICH -> sum(x_BTC, dropout.forward(
                    outputNorm.orElseThrow().forward(part.apply(norm.forward(x_BTC))), training()));
        });
    }

    /** Put into the memory of what the part made, which nobody else reads, unless the backward pass needs it. */
    private static Tensor sum(Tensor x_BTC, Tensor made_BTC) {
        boolean inPlace = !GradMode.is_enabled() && Tensors.type(x_BTC) == Tensors.type(made_BTC);
        return inPlace ? made_BTC.add_(x_BTC) : x_BTC.add(made_BTC);
    }

    public Spec spec() {
        return spec;
    }

    /** What a part gives besides its output, on the way into the residual stream. */
    private static final class Held {
        private Optional<Tensor> value = Optional.empty();
    }
}
