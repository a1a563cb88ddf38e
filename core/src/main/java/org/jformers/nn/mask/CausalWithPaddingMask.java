package org.jformers.nn.mask;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** A token sees what stands before it and itself, padding among that (XLM where it is causal). */
public record CausalWithPaddingMask() implements Mask {
    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return new CausalMask().allow(query_T1, key_1S);
    }

    @Override
    public Optional<Band> band() {
        return new CausalMask().band();
    }

    @Override
    public Padding padding() {
        return Padding.SEEN;
    }
}
