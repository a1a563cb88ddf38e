package org.jformers.nn.attention;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.Visibility.Allowed;

/**
 * Multi-head attention of a sequence to itself. Source: arXiv:1706.03762, 3.2.2. The three projections are one matrix
 * product; {@code qkv.weight} holds the rows of q, then k, then v.
 *
 * <p>Dimensions: B batch, T tokens given, S tokens in all (with those of the cache), C width, N heads, D head width, E =
 * N * D.
 */
public final class SelfAttention extends Module {
    private final Spec spec;
    private final Linear qkv;
    private final Linear out;
    private final AttentionKernel kernel;

    /**
     * @param width C
     * @param heads N
     * @param headDim D
     * @param scale factor on q k^T, usually 1 / sqrt(D)
     * @param mask who may attend to whom
     * @param dropout rate on the attention weights, in [0, 1)
     */
    public record Spec(int width, int heads, int headDim, double scale, Mask mask, double dropout) {
        public Spec {
            if (heads < 1 || headDim < 1) {
                throw new IllegalArgumentException(
                        "attention: got " + heads + " heads of width " + headDim + ", allowed >= 1 each");
            }
        }

        public SelfAttention build() {
            return new SelfAttention(this);
        }
    }

    private SelfAttention(Spec spec) {
        this.spec = spec;
        int inner = spec.heads() * spec.headDim();
        qkv = child("qkv", new Linear.Spec(spec.width(), 3 * inner, true, Role.STACKED_WEIGHT).build());
        out = child("out", new Linear.Spec(inner, spec.width(), true, Role.RESIDUAL_WEIGHT).build());
        kernel = new AttentionKernel(spec.scale(), spec.dropout());
    }

    /**
     * Attends.
     *
     * @param x_BTC the tokens
     * @param allowed what the mask of this layer allows, [T, S]
     * @param cache keys and values of earlier tokens; those of {@code x_BTC} are added to it
     * @param wantWeights whether to return the weights
     */
    public AttentionOutput forward(
            Tensor x_BTC, Allowed allowed, Optional<KeyValueCache.Layer> cache, boolean wantWeights) {
        TensorVector parts = Heads.split(qkv.forward(x_BTC), 3, spec.heads());
        Tensor q_BNTD = parts.get(0);
        Tensor k_BNSD = parts.get(1);
        Tensor v_BNSD = parts.get(2);
        if (cache.isPresent()) {
            KeyValueCache.Entry seen = cache.get().self();
            seen.append(k_BNSD, v_BNSD);
            k_BNSD = seen.keys();
            v_BNSD = seen.values();
        }
        AttentionOutput attended = kernel.attend(q_BNTD, k_BNSD, v_BNSD, allowed, training(), wantWeights);
        return new AttentionOutput(out.forward(Heads.join(attended.context())), attended.weights());
    }

    public Spec spec() {
        return spec;
    }
}
