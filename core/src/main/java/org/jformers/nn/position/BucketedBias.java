package org.jformers.nn.position;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * A trained bias on attention scores that depends on the distance of query and key alone. Near distances have a bucket
 * each, far ones share buckets that widen with the logarithm, and all beyond the greatest share the last. Source:
 * arXiv:1910.10683, 2.1 (T5).
 *
 * <p>Dimensions: N heads, T queries, S keys, D distances.
 */
public final class BucketedBias extends Module {
    private final Spec spec;
    private final Tensor weight;

    /** Which keys a query tells apart. */
    public enum Direction {
        /** Those behind and those ahead; each side has half of the buckets. */
        BOTH,
        /** Those behind; all ahead count as distance 0 (decoders). */
        BEHIND
    }

    /**
     * @param heads N
     * @param buckets number of buckets, at least two in each direction
     * @param greatest distance from which on all share a bucket, more than half of the buckets of a direction
     * @param direction which keys are told apart
     */
    public record Spec(int heads, int buckets, int greatest, Direction direction) {
        public Spec {
            int oneSide = direction == Direction.BOTH ? buckets / 2 : buckets;
            if (oneSide < 2 || greatest <= oneSide / 2) {
                throw new IllegalArgumentException("relative positions: got " + buckets + " buckets up to distance "
                        + greatest + ", allowed at least 2 buckets a side and distances beyond half of them");
            }
        }

        public BucketedBias build() {
            return new BucketedBias(this);
        }
    }

    private BucketedBias(Spec spec) {
        this.spec = spec;
        weight = parameter("weight", Role.POSITION_BIAS, spec.buckets(), spec.heads());
    }

    /**
     * The bias of queries at {@code first} to {@code first + queries - 1} on keys at 0 to {@code keys - 1}.
     *
     * @return [1, N, T, S]
     */
    public Tensor at(long first, long queries, long keys) {
        return Scopes.scoped(() -> {
            Tensor bucket_D = buckets(Tensors.range(1 - first - queries, keys - first, weight));
            // Row t reads S distances, beginning at that of key 0; the last query's come first.
            Tensor upward_TS = bucket_D.unfold(0, keys, 1);
            Tensor bucket_TS = Tensors.shaped(upward_TS, upward_TS.shape(), () -> upward_TS.flip(0));
            return Tensors.rows(weight, bucket_TS, -1).permute(2, 0, 1).unsqueeze(0).contiguous();
        });
    }

    /**
     * Buckets of distances key - query, int64 [D] to the same. The far ones are computed as the reference computes
     * them.
     */
    private Tensor buckets(Tensor ahead_D) {
        boolean both = spec.direction() == Direction.BOTH;
        int count = both ? spec.buckets() / 2 : spec.buckets();
        int exact = count / 2;
        Tensor distance_D = both
                ? Tensors.shaped(ahead_D, ahead_D.shape(), ahead_D::abs)
                : ahead_D.neg().clamp_min(new Scalar(0L));
        Tensor far_D = distance_D.to(ScalarType.Float).div(new Scalar((double) exact)).log()
                .div(new Scalar(Math.log((double) spec.greatest() / exact)))
                .mul(new Scalar((double) (count - exact)))
                .to(ScalarType.Long)
                .add(new Scalar((long) exact))
                .clamp_max(new Scalar(count - 1L));
        Tensor bucket_D = Tensors.shaped(distance_D, distance_D.shape(), () ->
                torch.where(distance_D.lt(new Scalar((long) exact)), distance_D, far_D));
        return both
                ? bucket_D.add(ahead_D.gt(new Scalar(0L)).to(ScalarType.Long).mul(new Scalar((long) count)))
                : bucket_D;
    }

    public Spec spec() {
        return spec;
    }
}
