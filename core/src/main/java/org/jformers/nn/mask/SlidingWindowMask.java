package org.jformers.nn.mask;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** A token sees the {@code window} most recent positions, itself included, and everything behind it. */
public record SlidingWindowMask(int window) implements Mask {
    public SlidingWindowMask {
        if (window < 1) {
            throw new IllegalArgumentException("window: got " + window + ", allowed >= 1");
        }
    }

    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return query_T1.sub(key_1S).lt(new Scalar(window));
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return firstQuery + queries <= window;
    }

    /** Padding on the right sees only padding, which is hidden, once it is a window away from the text. */
    @Override
    public Padding padding() {
        return Padding.MEAN;
    }
}
