package org.jformers.nn.block;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.attention.AttentionOutput;
import org.jformers.nn.attention.ConformerAttention;
import org.jformers.nn.block.Block.NormOrder;
import org.jformers.nn.conv.BatchNorm1d;
import org.jformers.nn.conv.Conv1d;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.tensor.Tensors;

/**
 * A layer of a Conformer: attention and a convolution between two half feed-forward parts, or before a whole one.
 * Source: arXiv:2005.08100, 2; feed-forward by convolutions: arXiv:1905.09263, 3.1.
 *
 * <p>Dimensions: B batch, T tokens, C width, R distances.
 */
public final class ConformerBlock extends Module {
    private static final Scalar HALF = Tensors.constant(0.5);
    private static final double EPSILON = 1e-5;

    private final Spec spec;
    private final Optional<Convolutions> firstFeedForward;
    private final Optional<LayerNorm> firstNorm;
    private final ConformerAttention attention;
    private final LayerNorm attentionNorm;
    private final Optional<Linear> joined;
    private final Convolution convolution;
    private final LayerNorm convolutionNorm;
    private final Convolutions feedForward;
    private final LayerNorm feedForwardNorm;
    private final LayerNorm finalNorm;
    private final Dropout dropout;

    /** Where the feed-forward parts stand. */
    public enum Sandwich {
        /** Half of one before attention, half of another at the end ("macaron"). */
        HALVES,
        /** One at the end. */
        WHOLE
    }

    /** How the output of attention joins its input. */
    public enum Joining {
        ADDED,
        /** Side by side, through a linear map. */
        CONCATENATED
    }

    /**
     * @param attention attention by content and distance
     * @param inner channels between the two convolutions of a feed-forward part
     * @param feedForwardKernel tokens under their windows, odd
     * @param kernel tokens under the window of the convolution between, odd
     * @param bias whether that convolution adds constants
     * @param sandwich where the feed-forward parts stand
     * @param joining how the output of attention joins its input
     * @param order where the norms stand: PRE or POST
     * @param dropout rate on the output of each part, in [0, 1)
     */
    public record Spec(
            ConformerAttention.Spec attention,
            int inner,
            int feedForwardKernel,
            int kernel,
            boolean bias,
            Sandwich sandwich,
            Joining joining,
            NormOrder order,
            double dropout) {
        /** C. */
        public int width() {
            return attention.width();
        }

        public ConformerBlock build() {
            return new ConformerBlock(this);
        }
    }

    private ConformerBlock(Spec spec) {
        this.spec = spec;
        boolean halves = spec.sandwich() == Sandwich.HALVES;
        firstFeedForward = halves
                ? Optional.of(child("firstFeedForward", new Convolutions(spec))) : Optional.empty();
        firstNorm = halves ? Optional.of(norm("firstNorm")) : Optional.empty();
        attention = child("attention", spec.attention().build());
        attentionNorm = norm("attentionNorm");
        joined = spec.joining() == Joining.CONCATENATED
                ? Optional.of(child("joined", new Linear.Spec(2 * spec.width(), spec.width()).build()))
                : Optional.empty();
        convolution = child("convolution", new Convolution(spec));
        convolutionNorm = norm("convolutionNorm");
        feedForward = child("feedForward", new Convolutions(spec));
        feedForwardNorm = norm("feedForwardNorm");
        finalNorm = norm("finalNorm");
        dropout = new Dropout(spec.dropout());
    }

    private LayerNorm norm(String name) {
        return child(name, new LayerNorm.Spec(spec.width(), EPSILON).build());
    }

    /** [B, T, C] to [B, T, C]; {@code distance_1RC} are the vectors of the distances. */
    public Block.Output forward(Tensor x_BTC, Tensor distance_1RC, Allowed allowed, boolean wantWeights) {
        Tensor hidden_BTC = firstFeedForward.isPresent()
                ? residual(x_BTC, firstNorm.get(), x -> fed(firstFeedForward.get(), x))
                : x_BTC;
        AttentionOutput[] attended = new AttentionOutput[1];
        hidden_BTC = residual(hidden_BTC, attentionNorm, x -> {
            attended[0] = attention.forward(x, distance_1RC, allowed, wantWeights);
            Tensor context_BTC = attended[0].context();
            return joined.isPresent()
                    ? joined.get().forward(Tensors.cat(2, x, context_BTC))
                    : dropout.forward(context_BTC, training());
        });
        hidden_BTC = residual(hidden_BTC, convolutionNorm, x -> dropout.forward(convolution.forward(x), training()));
        hidden_BTC = residual(hidden_BTC, feedForwardNorm, x -> fed(feedForward, x));
        return new Block.Output(
                finalNorm.forward(hidden_BTC), attended[0].weights(), Optional.empty(), Optional.empty());
    }

    private Tensor fed(Convolutions part, Tensor x_BTC) {
        Tensor y_BTC = dropout.forward(part.forward(x_BTC), training());
        return spec.sandwich() == Sandwich.HALVES ? y_BTC.mul(HALF) : y_BTC;
    }

    private Tensor residual(Tensor x_BTC, LayerNorm norm, UnaryOperator<Tensor> part) {
        return spec.order() == NormOrder.PRE
                ? x_BTC.add(part.apply(norm.forward(x_BTC)))
                : norm.forward(x_BTC.add(part.apply(x_BTC)));
    }

    /** Two convolutions with a ReLU between. */
    private static final class Convolutions extends Module {
        private final Conv1d in;
        private final Conv1d out;
        private final Dropout dropout;

        Convolutions(Spec spec) {
            in = child("in", Conv1d.Spec.same(spec.width(), spec.inner(), spec.feedForwardKernel()).build());
            out = child("out", Conv1d.Spec.same(spec.inner(), spec.width(), spec.feedForwardKernel()).build());
            dropout = new Dropout(spec.dropout());
        }

        Tensor forward(Tensor x_BTC) {
            Tensor inner_BFT = Activation.RELU.apply(in.forward(x_BTC.transpose(1, 2)));
            return out.forward(dropout.forward(inner_BFT, training())).transpose(1, 2);
        }
    }

    /** A gate, a convolution of each channel by itself, batch norm, SiLU and a mix of the channels. */
    private static final class Convolution extends Module {
        private final Conv1d in;
        private final Conv1d depthwise;
        private final BatchNorm1d norm;
        private final Conv1d out;

        Convolution(Spec spec) {
            int width = spec.width();
            in = child("in", Conv1d.Spec.of(width, 2 * width, 1).withBias(spec.bias()).build());
            depthwise = child("depthwise", Conv1d.Spec.same(width, width, spec.kernel())
                    .withGroups(width).withBias(spec.bias()).build());
            norm = child("norm", new BatchNorm1d.Spec(width).build());
            out = child("out", Conv1d.Spec.of(width, width, 1).withBias(spec.bias()).build());
        }

        Tensor forward(Tensor x_BTC) {
            Tensor gated_BCT = torch.glu(in.forward(x_BTC.transpose(1, 2)), 1);
            return out.forward(torch.silu(norm.forward(depthwise.forward(gated_BCT)))).transpose(1, 2);
        }
    }
}
