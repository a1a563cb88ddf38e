package org.jformers.nn.attention;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.tensor.Tensors;

/**
 * Self-attention over a segment and a memory of earlier ones, where order enters as the distance of query and key:
 * ((q + u) k + (q + v) r + (q + s) g) / sqrt(D) with r from the distance and g from whether both are of one segment of
 * the text. Sources: Transformer-XL, arXiv:1901.02860, 3.3; segments and targets: XLNet, arXiv:1906.08237, 2.5 and 2.3.
 *
 * <p>Dimensions: B batch, T tokens, M tokens of the memory, S = M + T keys, P = S + T distances, K targets, C width, N
 * heads, D head width.
 */
public final class RelativeAttention extends Attention {
    private final Spec spec;
    private final Linear q;
    private final Linear k;
    private final Linear v;
    private final Linear r;
    private final Linear out;
    private final Optional<Recurrence.Biases> biases;
    private final Optional<Tensor> segmentBias;
    private final Optional<Tensor> segmentKeys;
    private final AttentionKernel kernel;
    private final Scalar scale;

    /** Whose biases u and v are. */
    public enum Biases {
        /** The layer's own. */
        OWN,
        /** Those of all layers; the context brings them. */
        SHARED
    }

    /** Whether there is a score for segments of the text. */
    public enum Segments {
        NONE,
        SAME_OR_OTHER
    }

    /**
     * @param width C
     * @param heads N
     * @param headDim D
     * @param biases whose u and v are
     * @param segments whether there is a score for segments
     * @param dropout rate on the attention weights, in [0, 1)
     */
    public record Spec(int width, int heads, int headDim, Biases biases, Segments segments, double dropout)
            implements Attention.Spec {
        public Spec {
            if (heads < 1 || headDim < 1) {
                throw new IllegalArgumentException(
                        "attention: got " + heads + " heads of width " + headDim + ", allowed >= 1 each");
            }
        }

        /** Who may attend to whom depends on memory and permutation: the context says it all. */
        @Override
        public Mask mask() {
            return new FullMask();
        }

        @Override
        public RelativeAttention build() {
            return new RelativeAttention(this);
        }
    }

    private RelativeAttention(Spec spec) {
        this.spec = spec;
        q = child("q", input());
        k = child("k", input());
        v = child("v", input());
        r = child("r", input());
        out = child("out", Projection.output(spec.heads() * spec.headDim(), spec.width(), false));
        biases = spec.biases() == Biases.OWN
                ? Optional.of(new Recurrence.Biases(bias("contentBias"), bias("positionBias")))
                : Optional.empty();
        boolean segments = spec.segments() == Segments.SAME_OR_OTHER;
        segmentBias = segments ? Optional.of(bias("segmentBias")) : Optional.empty();
        segmentKeys = segments
                ? Optional.of(parameter("segmentKeys", Role.EMBEDDING, 2, spec.heads(), spec.headDim()))
                : Optional.empty();
        double factor = 1 / Math.sqrt(spec.headDim());
        kernel = new AttentionKernel(new AttentionWeights(factor, spec.dropout()));
        scale = Tensors.constant(factor);
    }

    private Linear input() {
        return new Linear.Spec(spec.width(), spec.heads() * spec.headDim(), false, Role.WEIGHT).build();
    }

    private Tensor bias(String name) {
        return parameter(name, Role.EMBEDDING, spec.heads(), spec.headDim());
    }

    @Override
    public AttentionOutput forward(Tensor x_BTC, AttentionContext context) {
        Recurrence around = context.recurrence().orElseThrow();
        Tensor source_BTC = around.source_BTC().orElse(x_BTC);
        Tensor all_BSC = around.memory_BMC().isPresent()
                ? Tensors.cat(1, around.memory_BMC().get(), source_BTC)
                : source_BTC;
        Tensor asking_BTC = around.target_BKT().isPresent()
                ? around.target_BKT().get().transpose(1, 2).matmul(x_BTC)
                : x_BTC;
        Tensor q_BNTD = heads(q, asking_BTC);
        Tensor k_BNSD = heads(k, all_BSC);
        Recurrence.Biases added = biases.or(around::biases).orElseThrow();
        Tensor score_BNTS = shifted(
                with(q_BNTD, added.position_ND()).matmul(heads(r, around.wave_BPC()).transpose(2, 3)), k_BNSD.size(2));
        if (segmentKeys.isPresent() && around.otherSegment_B1TS().isPresent()) {
            score_BNTS = score_BNTS.add(segmentScores(q_BNTD, around.otherSegment_B1TS().get()));
        }
        AttentionOutput attended = kernel.attend(with(q_BNTD, added.content_ND()), k_BNSD, heads(v, all_BSC),
                context.allowed().plus(score_BNTS.mul(scale)), training(), context.wantWeights());
        Tensor found_BTE = Heads.join(attended.context());
        Tensor asked = around.target_BKT().isPresent() ? around.target_BKT().get().matmul(found_BTE) : found_BTE;
        return new AttentionOutput(out.forward(asked), attended.weights());
    }

    private Tensor heads(Linear map, Tensor x_BTC) {
        return Heads.one(map.forward(x_BTC), spec.headDim());
    }

    private static Tensor with(Tensor q_BNTD, Tensor bias_ND) {
        return q_BNTD.add(bias_ND.unsqueeze(1));
    }

    /**
     * Scores by distance to scores by key. Query t and key s are M + t - s apart, and the first of the P distances is
     * S, so that a row begins one distance later than the row below it; in memory that is one long row read askew.
     */
    private static Tensor shifted(Tensor score_BNTP, long keys) {
        long batch = score_BNTP.size(0);
        long heads = score_BNTP.size(1);
        long queries = score_BNTP.size(2);
        long distances = score_BNTP.size(3);
        return score_BNTP
                .reshape(batch, heads, distances, queries)
                .narrow(2, 1, distances - 1)
                .reshape(batch, heads, queries, distances - 1)
                .narrow(3, 0, keys);
    }

    private Tensor segmentScores(Tensor q_BNTD, Tensor other_B1TS) {
        Tensor keys_ND2 = segmentKeys.get().permute(1, 2, 0);
        Tensor score_BNT2 = with(q_BNTD, segmentBias.get()).matmul(keys_ND2);
        long[] shape = {q_BNTD.size(0), q_BNTD.size(1), q_BNTD.size(2), other_B1TS.size(3)};
        return score_BNT2.gather(3, other_B1TS.expand(shape));
    }
}
