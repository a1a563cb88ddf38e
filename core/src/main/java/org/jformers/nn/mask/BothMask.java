package org.jformers.nn.mask;

import org.bytedeco.pytorch.Tensor;

/** Allowed where both masks allow. */
public record BothMask(Mask first, Mask second) implements Mask {
    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return first.allow(query_T1, key_1S).logical_and(second.allow(query_T1, key_1S));
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return first.allowsAll(firstQuery, queries, keys) && second.allowsAll(firstQuery, queries, keys);
    }

    @Override
    public Padding padding() {
        return first.padding().compareTo(second.padding()) > 0 ? first.padding() : second.padding();
    }
}
