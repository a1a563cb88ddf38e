package org.jformers.nn.mask;

import org.bytedeco.pytorch.Tensor;

/** Everything sees everything, and padding neither is seen nor sees (DeBERTa). */
public record MutualMask() implements Mask {
    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return new FullMask().allow(query_T1, key_1S);
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return true;
    }

    @Override
    public Padding padding() {
        return Padding.BLIND;
    }
}
