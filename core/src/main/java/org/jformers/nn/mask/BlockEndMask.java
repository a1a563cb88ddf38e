package org.jformers.nn.mask;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Positions are cut into blocks of {@code length}, and every token sees the {@code last} positions of each, which may
 * sum their block up. Source: Sparse Transformers, arXiv:1904.10509, 4.2, the second half of the fixed pattern.
 */
public record BlockEndMask(int length, int last) implements Mask {
    public BlockEndMask {
        if (last < 1 || last > length) {
            throw new IllegalArgumentException(
                    "last: got " + last + ", allowed 1 to the length of the block, " + length);
        }
    }

    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return key_1S.remainder(new Scalar(length)).ge(new Scalar(length - last));
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return last == length;
    }
}
