package org.jformers.nn.mask;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Allowed where both masks allow. */
public record BothMask(Mask first, Mask second) implements Mask {
    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return first.allow(query_T1, key_1S).logical_and(second.allow(query_T1, key_1S));
    }

    @Override
    public Optional<Band> band() {
        return first.band().flatMap(band -> second.band().map(band::and));
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
