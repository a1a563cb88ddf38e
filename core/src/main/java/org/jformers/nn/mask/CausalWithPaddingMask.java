package org.jformers.nn.mask;

import org.bytedeco.pytorch.Tensor;

/** A token sees what stands before it and itself, padding among that (XLM where it is causal). */
public record CausalWithPaddingMask() implements Mask {
    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return new CausalMask().allow(query_T1, key_1S);
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return new CausalMask().allowsAll(firstQuery, queries, keys);
    }

    @Override
    public Padding padding() {
        return Padding.SEEN;
    }
}
