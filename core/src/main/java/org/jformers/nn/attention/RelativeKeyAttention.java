package org.jformers.nn.attention;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jformers.nn.Linear;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.position.RelativeTable;
import org.jformers.tensor.Tensors;

/**
 * Attention of a sequence to itself whose queries read keys and, besides, a trained vector of the distance to each key.
 * Source: arXiv:1803.02155, 3.2, without its vectors on the values.
 *
 * <p>Dimensions: B batch, T tokens, C width, N heads, D head width, P distances.
 */
public final class RelativeKeyAttention extends Attention {
    private final Spec spec;
    private final Projection qkv;
    private final Linear out;
    private final AttentionKernel kernel;
    private final Scalar scale;

    /**
     * @param width C, a multiple of the heads
     * @param heads N
     * @param mask who may attend to whom
     * @param distances distances on each side that have a vector of their own; farther ones have that of the farthest
     * @param dropout rate on the attention weights, in [0, 1)
     */
    public record Spec(int width, int heads, Mask mask, int distances, double dropout) implements Attention.Spec {
        public Spec {
            if (heads < 1 || width % heads != 0) {
                throw new IllegalArgumentException(
                        "attention: got " + heads + " heads, allowed divisors of the width " + width);
            }
        }

        @Override
        public Optional<RelativeTable.Spec> relative() {
            return Optional.of(
                    new RelativeTable.Spec(width / heads, distances, Optional.empty(), Optional.empty()));
        }

        @Override
        public RelativeKeyAttention build() {
            return new RelativeKeyAttention(this);
        }
    }

    private RelativeKeyAttention(Spec spec) {
        this.spec = spec;
        qkv = child("qkv", Projection.ofQueryKeyValue(spec.width(), spec.width(), spec.width(), InputBias.ALL));
        out = child("out", Projection.output(spec.width(), spec.width(), true));
        double factor = 1 / Math.sqrt(spec.width() / (double) spec.heads());
        kernel = new AttentionKernel(new AttentionWeights(factor, spec.dropout()));
        scale = Tensors.constant(factor);
    }

    @Override
    public AttentionOutput forward(Tensor x_BTC, AttentionContext context) {
        TensorVector parts = Heads.split(qkv.forward(x_BTC), spec.heads(), spec.heads());
        Tensor q_BNTD = parts.get(0);
        RelativeTable.Rows rows = context.relative().orElseThrow();
        Tensor all_BNTP = q_BNTD.matmul(rows.vectors_PC().t()).mul(scale);
        Tensor row_BNTT = rows.row_TS().expand(x_BTC.size(0), spec.heads(), -1, -1);
        AttentionOutput attended = kernel.attend(
                q_BNTD, parts.get(1), parts.get(2), context.allowed().plus(all_BNTP.gather(3, row_BNTT)), training(),
                context.wantWeights());
        return new AttentionOutput(out.forward(Heads.join(attended.context())), attended.weights());
    }
}
