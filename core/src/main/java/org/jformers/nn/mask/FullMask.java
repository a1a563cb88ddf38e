package org.jformers.nn.mask;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Every token sees every token. */
public record FullMask() implements Mask {
    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return query_T1.eq(query_T1).logical_and(key_1S.eq(key_1S));
    }

    @Override
    public Optional<Band> band() {
        return Optional.of(new Band(Band.ALL, Band.ALL));
    }
}
