package org.jformers.nn.attention;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jformers.nn.Dropout;
import org.jformers.nn.Linear;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.position.RelativeTable;
import org.jformers.tensor.Tensors;

/**
 * Self-attention that scores content and distance apart: besides query with key, query with the key of their distance
 * and key with the query of their distance. Source: DeBERTa, arXiv:2006.03654, 3.1.
 *
 * <p>Dimensions: B batch, T tokens (queries and keys alike), C width, N heads, D head width, P rows of the table.
 */
public final class DisentangledAttention extends Attention {
    private static final Scalar ZERO = Tensors.constant(0);

    private final Spec spec;
    private final Projection qkv;
    private final Optional<Linear> distanceKey;
    private final Optional<Linear> distanceQuery;
    private final Linear out;
    private final AttentionKernel kernel;
    private final Dropout distanceDropout;
    private final Scalar scale;

    /** A score of content with distance. */
    public enum Term {
        /** A query with the key of a distance. */
        CONTENT_TO_POSITION("c2p"),
        /** A key with the query of a distance. */
        POSITION_TO_CONTENT("p2c");

        private final String code;

        Term(String code) {
            this.code = code;
        }

        /** What configs call it. */
        public String code() {
            return code;
        }
    }

    /** How distances become queries and keys. */
    public enum Distances {
        /** By the maps that tokens go through. */
        SHARED_MAPS,
        /** By maps of their own. */
        OWN_MAPS
    }

    /**
     * @param width C
     * @param heads N
     * @param mask who may attend to whom
     * @param table the vectors of distances; without it, no term is computed
     * @param terms scores with distances; all scores are divided by sqrt(D (1 + how many))
     * @param distances how distances become queries and keys
     * @param dropout rate on the attention weights, in [0, 1)
     * @param distanceDropout rate on the vectors of distances, in [0, 1)
     */
    public record Spec(
            int width,
            int heads,
            Mask mask,
            Optional<RelativeTable.Spec> table,
            Set<Term> terms,
            Distances distances,
            double dropout,
            double distanceDropout)
            implements Attention.Spec {
        public Spec {
            terms = Set.copyOf(terms);
            if (heads < 1 || width % heads != 0) {
                throw new IllegalArgumentException(
                        "attention: got width " + width + " and " + heads + " heads, allowed multiples of the heads");
            }
        }

        @Override
        public Optional<RelativeTable.Spec> relative() {
            return table;
        }

        @Override
        public DisentangledAttention build() {
            return new DisentangledAttention(this);
        }
    }

    private DisentangledAttention(Spec spec) {
        this.spec = spec;
        int width = spec.width();
        qkv = child("qkv", Projection.ofQueryKeyValue(width, width, width, InputBias.ALL));
        distanceKey = ownMap(Term.CONTENT_TO_POSITION).map(map -> child("distanceKey", map.build()));
        distanceQuery = ownMap(Term.POSITION_TO_CONTENT).map(map -> child("distanceQuery", map.build()));
        out = child("out", Projection.output(width, width, true));
        double factor = 1 / Math.sqrt((double) width / spec.heads() * (1 + spec.terms().size()));
        scale = Tensors.constant(factor);
        kernel = new AttentionKernel(new AttentionWeights(factor, spec.dropout()));
        distanceDropout = new Dropout(spec.distanceDropout());
    }

    private Optional<Linear.Spec> ownMap(Term term) {
        boolean there = spec.table().isPresent() && spec.distances() == Distances.OWN_MAPS
                && spec.terms().contains(term);
        return there ? Optional.of(new Linear.Spec(spec.width(), spec.width())) : Optional.empty();
    }

    @Override
    public AttentionOutput forward(Tensor x_BTC, AttentionContext context) {
        TensorVector parts = Heads.split(qkv.forward(x_BTC), spec.heads(), spec.heads());
        Tensor k_BNTD = parts.get(1);
        // Queries that see nothing have weights that are constant, so that nothing may be learned from their scores.
        Optional<Tensor> blind_B1T1 = context.allowed().blind().filter(blind -> GradMode.is_enabled());
        Tensor q_BNTD = withoutGradient(parts.get(0), blind_B1T1);
        Allowed allowed = context.allowed();
        if (context.relative().isPresent() && !spec.terms().isEmpty()) {
            Tensor score_BNTT = distanceScores(q_BNTD, k_BNTD, context.relative().get());
            allowed = allowed.plus(withoutGradient(score_BNTT, blind_B1T1));
        }
        AttentionOutput attended =
                kernel.attend(q_BNTD, k_BNTD, parts.get(2), allowed, training(), context.wantWeights());
        return new AttentionOutput(out.forward(Heads.join(attended.context())), attended.weights());
    }

    private static Tensor withoutGradient(Tensor x_BNTX, Optional<Tensor> blind_B1T1) {
        return blind_B1T1.isPresent() ? x_BNTX.masked_fill(Tensors.beside(blind_B1T1.get(), x_BNTX), ZERO) : x_BNTX;
    }

    /** The scores with distances, [B, N, T, T]. */
    private Tensor distanceScores(Tensor q_BNTD, Tensor k_BNTD, RelativeTable.Rows rows) {
        Tensor vectors_1PC = distanceDropout.forward(rows.vectors_PC(), training()).unsqueeze(0);
        long length = q_BNTD.size(2);
        long[] shape = {q_BNTD.size(0), q_BNTD.size(1), length, length};
        Tensor sum = null;
        if (spec.terms().contains(Term.CONTENT_TO_POSITION)) {
            Tensor key_1NPD = mapped(vectors_1PC, distanceKey, 1);
            sum = q_BNTD.matmul(key_1NPD.transpose(2, 3)).gather(3, rows.row_TS().expand(shape));
        }
        if (spec.terms().contains(Term.POSITION_TO_CONTENT)) {
            Tensor query_1NPD = mapped(vectors_1PC, distanceQuery, 0);
            Tensor score_BNTT = k_BNTD.matmul(query_1NPD.transpose(2, 3))
                    .gather(3, rows.row_TS().t().expand(shape)).transpose(2, 3);
            sum = sum == null ? score_BNTT : sum.add(score_BNTT);
        }
        return Objects.requireNonNull(sum, "there is at least one term").mul(scale);
    }

    /** [1, P, C] to [1, N, P, D], by an own map or by part 0 (query) or 1 (key) of the tokens' map. */
    private Tensor mapped(Tensor vectors_1PC, Optional<Linear> own, long part) {
        return own.isPresent()
                ? Heads.one(own.get().forward(vectors_1PC), spec.width() / spec.heads())
                : Heads.split(qkv.forward(vectors_1PC), spec.heads(), spec.heads()).get(part);
    }
}
