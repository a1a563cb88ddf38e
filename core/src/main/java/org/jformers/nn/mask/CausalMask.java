package org.jformers.nn.mask;

import org.bytedeco.pytorch.Tensor;

/** A token sees itself and everything before it. */
public record CausalMask() implements Mask {
    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return key_1S.le(query_T1);
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return firstQuery >= keys - 1;
    }
}
