package org.jformers.nn.mask;

import java.util.Optional;
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
    public Optional<Band> band() {
        return Optional.of(new Band(window - 1, Band.ALL));
    }
}
