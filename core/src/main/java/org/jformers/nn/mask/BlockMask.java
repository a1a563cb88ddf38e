package org.jformers.nn.mask;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Positions are cut into blocks of {@code length}, and a token sees its own block. Source: Sparse Transformers,
 * arXiv:1904.10509, 4.2; their fixed pattern is {@code new CausalMask().and(new BlockMask(length).or(new
 * BlockEndMask(length, last)))}.
 */
public record BlockMask(int length) implements Mask {
    public BlockMask {
        if (length < 1) {
            throw new IllegalArgumentException("length: got " + length + ", allowed >= 1");
        }
    }

    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return block(query_T1).eq(block(key_1S));
    }

    private Tensor block(Tensor position) {
        return position.floor_divide(new Scalar(length));
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return firstQuery + queries <= length && keys <= length;
    }
}
