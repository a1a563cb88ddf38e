package org.jformers.nn.attention;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.mask.Allowed;
import org.jformers.tensor.Tensors;

/**
 * Attention of a sequence to itself that scores content and distance apart, with a trained vector added to the queries
 * of each. Source: arXiv:1901.02860, 3.3; both directions: Conformer, arXiv:2005.08100.
 *
 * <p>Dimensions: B batch, T tokens, C width, N heads, D head width, R = 2 T - 1 distances, the farthest ahead first.
 */
public final class ConformerAttention extends Module {
    private final Spec spec;
    private final Projection qkv;
    private final Linear distance;
    private final Tensor contentBias_ND;
    private final Tensor distanceBias_ND;
    private final Linear out;
    private final AttentionKernel kernel;
    private final Scalar scale;

    /**
     * @param width C, a multiple of the heads
     * @param heads N
     * @param dropout rate on the attention weights, in [0, 1)
     */
    public record Spec(int width, int heads, double dropout) {
        public Spec {
            if (heads < 1 || width % heads != 0) {
                throw new IllegalArgumentException(
                        "attention: got " + heads + " heads, allowed divisors of the width " + width);
            }
        }

        public ConformerAttention build() {
            return new ConformerAttention(this);
        }
    }

    private ConformerAttention(Spec spec) {
        this.spec = spec;
        int headDim = spec.width() / spec.heads();
        qkv = child("qkv", Projection.ofQueryKeyValue(spec.width(), spec.width(), spec.width(), InputBias.ALL));
        distance = child("distance", new Linear.Spec(spec.width(), spec.width(), false, Role.WEIGHT).build());
        contentBias_ND = parameter("contentBias", Role.WEIGHT, spec.heads(), headDim);
        distanceBias_ND = parameter("distanceBias", Role.WEIGHT, spec.heads(), headDim);
        out = child("out", Projection.output(spec.width(), spec.width(), true));
        double factor = 1 / Math.sqrt(headDim);
        kernel = new AttentionKernel(new AttentionWeights(factor, spec.dropout()));
        scale = Tensors.constant(factor);
    }

    /**
     * Attends.
     *
     * @param x_BTC the tokens
     * @param distance_1RC vectors of the distances
     * @param allowed who may be seen
     * @param wantWeights whether to return the weights
     */
    public AttentionOutput forward(Tensor x_BTC, Tensor distance_1RC, Allowed allowed, boolean wantWeights) {
        TensorVector parts = Heads.split(qkv.forward(x_BTC), spec.heads(), spec.heads());
        Tensor q_BNTD = parts.get(0);
        Tensor r_1NRD = Heads.one(distance.forward(distance_1RC), spec.width() / spec.heads());
        Tensor byDistance_BNTR = q_BNTD.add(distanceBias_ND.unsqueeze(1)).matmul(r_1NRD.transpose(2, 3));
        Tensor bias_BNTT = shifted(byDistance_BNTR).mul(scale);
        AttentionOutput attended = kernel.attend(
                q_BNTD.add(contentBias_ND.unsqueeze(1)), parts.get(1), parts.get(2), allowed.plus(bias_BNTT),
                training(), wantWeights);
        return new AttentionOutput(out.forward(Heads.join(attended.context())), attended.weights());
    }

    /** Row t of [B, N, T, R] moved left by T - 1 - t, so that column s holds the score of the distance t - s. */
    private static Tensor shifted(Tensor score_BNTR) {
        long batch = score_BNTR.size(0);
        long heads = score_BNTR.size(1);
        long tokens = score_BNTR.size(2);
        long distances = score_BNTR.size(3);
        Tensor none_BNT1 = torch.zeros_like(score_BNTR.narrow(3, 0, 1));
        return Tensors.cat(3, none_BNT1, score_BNTR)
                .view(batch, heads, distances + 1, tokens)
                .narrow(2, 1, distances)
                .reshape(batch, heads, tokens, distances)
                .narrow(3, 0, tokens);
    }
}
