package org.jformers.nn.attention;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jformers.nn.Linear;
import org.jformers.nn.Slices;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.Span;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.position.Rope;
import org.jformers.tensor.Scopes;

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
     * @param heads N, G and D
     * @param mask who may attend to whom
     * @param bias which maps add a constant
     * @param headNorm norm over D of each query and each key before the rotation, if there is one
     * @param rope rotation of queries and keys, if order enters here
     * @param weights what makes weights of queries and keys
     */
    public record Spec(
            int width,
            HeadShape heads,
            Mask mask,
            AttentionBias bias,
            Optional<Norm.Spec> headNorm,
            Optional<Rope.Spec> rope,
            AttentionWeights weights)
            implements Attention.Spec {

        /** As in the original Transformer: biases everywhere, scale 1 / sqrt(D), as many key heads as query heads. */
        public static Spec of(int width, int heads, int headDim, Mask mask) {
            return of(width, HeadShape.of(heads, headDim), mask);
        }

        /** The same with heads of any shape. */
        public static Spec of(int width, HeadShape heads, Mask mask) {
            return new Spec(width, heads, mask, AttentionBias.ALL, Optional.empty(), Optional.empty(),
                    AttentionWeights.of(heads.dim()));
        }

        public Spec withMask(Mask other) {
            return new Spec(width, heads, other, bias, headNorm, rope, weights);
        }

        public Spec withBias(AttentionBias maps) {
            return new Spec(width, heads, mask, maps, headNorm, rope, weights);
        }

        public Spec withHeadNorm(Norm.Spec norm) {
            return new Spec(width, heads, mask, bias, Optional.of(norm), rope, weights);
        }

        public Spec withRope(Rope.Spec rotation) {
            return new Spec(width, heads, mask, bias, headNorm, Optional.of(rotation), weights);
        }

        public Spec withWeights(AttentionWeights made) {
            return new Spec(width, heads, mask, bias, headNorm, rope, made);
        }

        public Spec withDropout(double rate) {
            return withWeights(weights.withDropout(rate));
        }

        /** The same without some heads: narrower maps to and from them. Source: arXiv:1905.10650. */
        @Override
        public Spec withoutHeads(Set<Integer> removed) {
            int all = heads.queries();
            boolean there = removed.stream().allMatch(head -> head >= 0 && head < all);
            if (!there || removed.size() >= all || heads.keyValues() != all) {
                throw new IllegalArgumentException("pruned heads: got " + removed + ", allowed all but one of 0 to "
                        + (all - 1) + ", each with a key head of its own (there are " + heads.keyValues() + ")");
            }
            HeadShape left = HeadShape.of(all - removed.size(), heads.dim());
            return new Spec(width, left, mask, bias, headNorm, rope, weights);
        }

        @Override
        public SelfAttention build() {
            return new SelfAttention(this);
        }
    }

    private SelfAttention(Spec spec) {
        this.spec = spec;
        HeadShape heads = spec.heads();
        qkv = child("qkv", Projection.ofQueryKeyValue(
                spec.width(), heads.queryWidth(), heads.keyValueWidth(), spec.bias().input()));
        out = child("out", Projection.output(heads.queryWidth(), spec.width(), spec.bias().output()));
        queryNorm = spec.headNorm().map(norm -> child("queryNorm", norm.build()));
        keyNorm = spec.headNorm().map(norm -> child("keyNorm", norm.build()));
        kernel = new AttentionKernel(spec.weights());
    }

    @Override
    public AttentionOutput forward(Tensor x_BTC, AttentionContext context) {
        Projected parts = projected(x_BTC, context.rotation());
        AttentionOutput attended = context.cache().isPresent()
                ? context.cache().get().attend(
                        kernel, parts.q_BNTD(), parts.k_BGTD(), parts.v_BGTD(), training(), context.wantWeights())
                : kernel.attend(parts.q_BNTD(), parts.k_BGTD(), parts.v_BGTD(), context.allowed(), training(),
                        context.wantWeights());
        return new AttentionOutput(out.forward(Heads.join(attended.context())), attended.weights());
    }

    /** Queries, keys and values of the tokens given. */
    private record Projected(Tensor q_BNTD, Tensor k_BGTD, Tensor v_BGTD) {
        /** Copies where they are views, which would go with what they are views of. */
        Projected released() {
            return new Projected(
                    Scopes.release(q_BNTD.contiguous()), Scopes.release(k_BGTD.contiguous()),
                    Scopes.release(v_BGTD.contiguous()));
        }
    }

    private Projected projected(Tensor x_BTC, Optional<Rope.Rotation> rotation) {
        long tokens = x_BTC.size(1);
        long most = Slices.length(x_BTC);
        if (most >= tokens) {
            return together(x_BTC, rotation);
        }
        Slices q_BNTD = new Slices(2, tokens);
        Slices k_BGTD = new Slices(2, tokens);
        Slices v_BGTD = new Slices(2, tokens);
        for (long start = 0; start < tokens; start += most) {
            Span some = Span.of(start, Math.min(start + most, tokens));
            Projected[] part = new Projected[1];
            Scopes.run(() -> part[0] = together(some.of(x_BTC, 1), rotation.map(all -> all.of(some))).released());
            q_BNTD.add(part[0].q_BNTD());
            k_BGTD.add(part[0].k_BGTD());
            v_BGTD.add(part[0].v_BGTD());
        }
        return new Projected(q_BNTD.all(), k_BGTD.all(), v_BGTD.all());
    }

    private Projected together(Tensor x_BTC, Optional<Rope.Rotation> rotation) {
        TensorVector parts = Heads.split(qkv.forward(x_BTC), spec.heads().queries(), spec.heads().keyValues());
        return new Projected(
                placed(parts.get(0), queryNorm, rotation), placed(parts.get(1), keyNorm, rotation), parts.get(2));
    }

    /** Queries or keys, normalised and rotated to their positions. */
    private Tensor placed(Tensor x_BNTD, Optional<Norm> norm, Optional<Rope.Rotation> rotation) {
        Tensor level_BNTD = norm.isPresent() ? norm.get().forward(x_BNTD) : x_BNTD;
        return spec.rope().isPresent() ? rotation.orElseThrow().apply(level_BNTD) : level_BNTD;
    }

    public Spec spec() {
        return spec;
    }
}
