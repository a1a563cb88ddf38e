package org.jformers.nn.attention;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jformers.nn.Linear;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.position.Rope;

/**
 * Multi-head attention of a sequence to itself. Source: arXiv:1706.03762, 3.2.2; several query heads per head of keys
 * and values: arXiv:2305.13245. The three projections are one matrix product; {@code qkv.weight} holds the rows of q,
 * then k, then v.
 *
 * <p>Dimensions: B batch, T tokens given, S tokens in all (with those of the cache), C width, N query heads, G
 * key/value heads, D head width.
 */
public final class SelfAttention extends Attention {
    private final Spec spec;
    private final Projection qkv;
    private final Linear out;
    private final Optional<Norm> queryNorm;
    private final Optional<Norm> keyNorm;
    private final AttentionKernel kernel;

    /**
     * @param width C
     * @param heads N
     * @param keyValueHeads G, a divisor of N
     * @param headDim D
     * @param scale factor on q k^T, usually 1 / sqrt(D)
     * @param mask who may attend to whom
     * @param inputBias which of the maps to q, k and v add a constant
     * @param outputBias whether the map behind the heads adds a constant
     * @param headNorm norm over D of each query and each key before the rotation, if there is one
     * @param rope rotation of queries and keys, if order enters here
     * @param softCap bound c of the scores, c tanh(score / c), if there is one
     * @param dropout rate on the attention weights, in [0, 1)
     */
    public record Spec(
            int width,
            int heads,
            int keyValueHeads,
            int headDim,
            double scale,
            Mask mask,
            InputBias inputBias,
            boolean outputBias,
            Optional<Norm.Spec> headNorm,
            Optional<Rope.Spec> rope,
            Optional<Double> softCap,
            double dropout)
            implements Attention.Spec {
        public Spec {
            if (heads < 1 || headDim < 1) {
                throw new IllegalArgumentException(
                        "attention: got " + heads + " heads of width " + headDim + ", allowed >= 1 each");
            }
            if (keyValueHeads < 1 || heads % keyValueHeads != 0) {
                throw new IllegalArgumentException("attention: got " + keyValueHeads
                        + " key/value heads, allowed divisors of "
                        + heads + " heads");
            }
        }

        /** As in the original Transformer: biases everywhere, scale 1 / sqrt(D), as many key heads as query heads. */
        public static Spec of(int width, int heads, int headDim, Mask mask) {
            return new Spec(width, heads, heads, headDim, 1 / Math.sqrt(headDim), mask, InputBias.ALL, true,
                    Optional.empty(), Optional.empty(), Optional.empty(), 0);
        }

        public Spec withKeyValueHeads(int count) {
            return new Spec(width, heads, count, headDim, scale, mask, inputBias, outputBias, headNorm, rope, softCap,
                    dropout);
        }

        public Spec withScale(double factor) {
            return new Spec(width, heads, keyValueHeads, headDim, factor, mask, inputBias, outputBias, headNorm, rope,
                    softCap, dropout);
        }

        public Spec withMask(Mask other) {
            return new Spec(width, heads, keyValueHeads, headDim, scale, other, inputBias, outputBias, headNorm, rope,
                    softCap, dropout);
        }

        public Spec withBias(InputBias input, boolean output) {
            return new Spec(width, heads, keyValueHeads, headDim, scale, mask, input, output, headNorm, rope, softCap,
                    dropout);
        }

        public Spec withHeadNorm(Norm.Spec norm) {
            return new Spec(width, heads, keyValueHeads, headDim, scale, mask, inputBias, outputBias,
                    Optional.of(norm), rope, softCap, dropout);
        }

        public Spec withRope(Rope.Spec rotation) {
            return new Spec(width, heads, keyValueHeads, headDim, scale, mask, inputBias, outputBias, headNorm,
                    Optional.of(rotation), softCap, dropout);
        }

        public Spec withSoftCap(Optional<Double> bound) {
            return new Spec(width, heads, keyValueHeads, headDim, scale, mask, inputBias, outputBias, headNorm, rope,
                    bound, dropout);
        }

        public Spec withDropout(double rate) {
            return new Spec(width, heads, keyValueHeads, headDim, scale, mask, inputBias, outputBias, headNorm, rope,
                    softCap, rate);
        }

        /** The same without some heads: narrower maps to and from them. Source: arXiv:1905.10650. */
        @Override
        public Spec withoutHeads(Set<Integer> removed) {
            boolean there = removed.stream().allMatch(head -> head >= 0 && head < heads);
            if (!there || removed.size() >= heads || keyValueHeads != heads) {
                throw new IllegalArgumentException("pruned heads: got " + removed + ", allowed all but one of 0 to "
                        + (heads - 1) + ", each with a key head of its own (there are " + keyValueHeads + ")");
            }
            int left = heads - removed.size();
            return new Spec(width, left, left, headDim, scale, mask, inputBias, outputBias, headNorm, rope, softCap,
                    dropout);
        }

        @Override
        public SelfAttention build() {
            return new SelfAttention(this);
        }
    }

    private SelfAttention(Spec spec) {
        this.spec = spec;
        int inner = spec.heads() * spec.headDim();
        int shared = spec.keyValueHeads() * spec.headDim();
        qkv = child("qkv", Projection.ofQueryKeyValue(spec.width(), inner, shared, spec.inputBias()));
        out = child("out", Projection.output(inner, spec.width(), spec.outputBias()));
        queryNorm = spec.headNorm().map(norm -> child("queryNorm", norm.build()));
        keyNorm = spec.headNorm().map(norm -> child("keyNorm", norm.build()));
        kernel = new AttentionKernel(spec.scale(), spec.softCap(), spec.dropout());
    }

    @Override
    public AttentionOutput forward(Tensor x_BTC, AttentionContext context) {
        TensorVector parts = Heads.split(qkv.forward(x_BTC), spec.heads(), spec.keyValueHeads());
        Tensor q_BNTD = placed(parts.get(0), queryNorm, context);
        Tensor k_BGSD = placed(parts.get(1), keyNorm, context);
        Tensor v_BGSD = parts.get(2);
        if (context.cache().isPresent()) {
            KeyValueCache.Entry seen = context.cache().get().self();
            seen.append(k_BGSD, v_BGSD);
            k_BGSD = seen.keys();
            v_BGSD = seen.values();
        }
        AttentionOutput attended =
                kernel.attend(q_BNTD, k_BGSD, v_BGSD, context.allowed(), training(), context.wantWeights());
        return new AttentionOutput(out.forward(Heads.join(attended.context())), attended.weights());
    }

    /** Queries or keys, normalised and rotated to their positions. */
    private Tensor placed(Tensor x_BNTD, Optional<Norm> norm, AttentionContext context) {
        Tensor level_BNTD = norm.isPresent() ? norm.get().forward(x_BNTD) : x_BNTD;
        return spec.rope().isPresent() ? context.rotation().orElseThrow().apply(level_BNTD) : level_BNTD;
    }

    public Spec spec() {
        return spec;
    }
}
