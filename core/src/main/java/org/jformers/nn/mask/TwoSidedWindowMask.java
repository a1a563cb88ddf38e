package org.jformers.nn.mask;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The positions around the query on both sides, as in ModernBERT's local layers (arXiv:2412.13663, 2.1.2).
 *
 * @param reach how far a query sees to each side, itself not counted; at least 0
 */
public record TwoSidedWindowMask(int reach) implements Mask {
    public TwoSidedWindowMask {
        if (reach < 0) {
            throw new IllegalArgumentException("reach: got " + reach + ", allowed >= 0");
        }
    }

    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return query_T1.sub(key_1S).abs().le(new Scalar((long) reach));
    }

    @Override
    public Optional<Band> band() {
        return Optional.of(new Band(reach, reach));
    }
}
