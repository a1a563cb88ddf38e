package org.jformers.nn.mask;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The first {@code prefix} positions are seen by all; behind them a token sees itself and everything before it. */
public record PrefixMask(int prefix) implements Mask {
    public PrefixMask {
        if (prefix < 0) {
            throw new IllegalArgumentException("prefix: got " + prefix + ", allowed >= 0");
        }
    }

    @Override
    public Tensor allow(Tensor query_T1, Tensor key_1S) {
        return key_1S.le(query_T1).logical_or(key_1S.lt(new Scalar(prefix)));
    }

    @Override
    public boolean allowsAll(long firstQuery, long queries, long keys) {
        return keys <= Math.max(prefix, firstQuery + 1);
    }
}
