package org.jformers.nn.mask;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Everything sees everything, and padding neither is seen nor sees (DeBERTa). */
public record MutualMask() implements Mask {
    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return new FullMask().allow(query_T1, key_1S);
    }

    @Override
    public Optional<Band> band() {
        return Optional.of(new Band(Band.ALL, Band.ALL));
    }

    @Override
    public Padding padding() {
        return Padding.BLIND;
    }
}
