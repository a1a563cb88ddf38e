package org.jformers.nn.position;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Tensors;

/**
 * A trained vector for each distance of two tokens, which attention reads. Sources: DeBERTa, arXiv:2006.03654, 3.1; far
 * distances share rows, the wider the farther they are: transformers 5.18 {@code models/deberta_v2}.
 *
 * <p>Dimensions: P rows, C width, T queries, S keys.
 */
public final class RelativeTable extends Module {
    private final Spec spec;
    private final Tensor weight_PC;
    private final Optional<Norm> norm;

    /**
     * @param width C
     * @param distances distances on each side that have a row of their own where there are no buckets; the farthest one
     *     that buckets tell apart where there are
     * @param buckets rows on each side, if far distances share rows: P is twice this, or twice {@code distances}
     * @param norm of the vectors, if there is one
     */
    public record Spec(int width, int distances, Optional<Integer> buckets, Optional<Norm.Spec> norm) {
        public Spec {
            if (distances < 1 || buckets.orElse(2) < 2) {
                throw new IllegalArgumentException("relative positions: got " + distances + " distances and " + buckets
                        + " buckets, allowed >= 1 and >= 2");
            }
        }

        public RelativeTable build() {
            return new RelativeTable(this);
        }

        /** P / 2. */
        int span() {
            return buckets.orElse(distances);
        }
    }

    /**
     * The vectors of one pass.
     *
     * @param vectors_PC all vectors
     * @param row_TS int64, which of them belongs to a query and a key
     */
    public record Rows(Tensor vectors_PC, Tensor row_TS) {
        /** The same with the vectors changed. */
        public Rows with(UnaryOperator<Tensor> change) {
            return new Rows(change.apply(vectors_PC), row_TS);
        }
    }

    private RelativeTable(Spec spec) {
        this.spec = spec;
        weight_PC = parameter("weight", Role.EMBEDDING, 2L * spec.span(), spec.width());
        norm = spec.norm().map(kind -> child("norm", kind.build()));
    }

    /** The vectors for queries at the positions {@code seen}, {@code seen + 1} ... of {@code keys} tokens. */
    public Rows at(long seen, long keys) {
        Tensor distance_TS = Tensors.range(seen, keys, weight_PC).unsqueeze(1)
                .sub(Tensors.range(0, keys, weight_PC).unsqueeze(0));
        Tensor placed_TS = spec.buckets().isPresent() ? bucketed(distance_TS) : distance_TS;
        Tensor row_TS = placed_TS.add(new Scalar((long) spec.span())).clamp(
                new ScalarOptional(new Scalar(0L)), new ScalarOptional(new Scalar(2L * spec.span() - 1)));
        return new Rows(norm.isPresent() ? norm.get().forward(weight_PC) : weight_PC, row_TS);
    }

    /** Near distances as they are, from half of the buckets on by their logarithm. In float32, as the reference. */
    private Tensor bucketed(Tensor distance_TS) {
        int half = spec.buckets().get() / 2;
        Tensor far_TS = Tensors.shaped(distance_TS, distance_TS.shape(), distance_TS::abs);
        Scalar near = new Scalar((long) half);
        Tensor log_TS = far_TS.clamp(new ScalarOptional(new Scalar(1L))).to(ScalarType.Float).div(near).log();
        Tensor farthest = Tensors.ofFloats(new float[] {(float) ((spec.distances() - 1) / (double) half)}, 1);
        Tensor logFarthest = Tensors.beside(farthest, distance_TS).log();
        Tensor bucket_TS = log_TS.div(logFarthest).mul(new Scalar((long) half - 1)).ceil().add(near);
        Tensor signed_TS = bucket_TS.mul(distance_TS.sign()).to(ScalarType.Long);
        return Tensors.shaped(distance_TS, distance_TS.shape(), () -> signed_TS.where(far_TS.gt(near), distance_TS));
    }
}
