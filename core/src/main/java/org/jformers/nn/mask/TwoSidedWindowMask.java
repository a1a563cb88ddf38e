package org.jformers.nn.mask;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The positions around the query on both sides, as in ModernBERT's local layers (arXiv:2412.13663, 2.1.2).
 *
 * @param reach how far a query sees to each side, itself not counted; at least 0
 */
public record TwoSidedWindowMask(int reach) implements Mask {
    public TwoSidedWindowMask {
        if (reach < 0) {
            throw new IllegalArgumentException("reach: got " + reach + ", allowed >= 0");
        }
    }

    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return query_T1.sub(key_1S).abs().le(new Scalar((long) reach));
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return firstQuery + queries - 1 <= reach && keys - 1 - firstQuery <= reach;
    }

    /** Padding further away than the reach from every token is what sees nothing here. */
    @Override
    public Padding padding() {
        return Padding.MEAN;
    }
}
