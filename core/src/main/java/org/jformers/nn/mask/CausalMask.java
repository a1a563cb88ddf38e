package org.jformers.nn.mask;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** A token sees itself and everything before it. */
public record CausalMask() implements Mask {
    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return key_1S.le(query_T1);
    }

    @Override
    public Optional<Band> band() {
        return Optional.of(new Band(Band.ALL, 0));
    }
}
