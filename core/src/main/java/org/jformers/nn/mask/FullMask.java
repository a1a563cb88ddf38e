package org.jformers.nn.mask;

import org.bytedeco.pytorch.Tensor;

/** Every token sees every token. */
public record FullMask() implements Mask {
    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return query_T1.eq(query_T1).logical_and(key_1S.eq(key_1S));
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return true;
    }
}
