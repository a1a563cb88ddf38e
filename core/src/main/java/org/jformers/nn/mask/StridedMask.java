package org.jformers.nn.mask;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A token sees the positions that are a multiple of {@code stride} away, itself among them. Source: Sparse
 * Transformers, arXiv:1904.10509, 4.2; their strided pattern, which GPT-3 takes for every second layer, is
 * {@code new CausalMask().and(new SlidingWindowMask(stride + 1).or(new StridedMask(stride)))}.
 */
public record StridedMask(int stride) implements Mask {
    public StridedMask {
        if (stride < 1) {
            throw new IllegalArgumentException("stride: got " + stride + ", allowed >= 1");
        }
    }

    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return query_T1.sub(key_1S).remainder(new Scalar(stride)).eq(new Scalar(0));
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return stride == 1;
    }
}
