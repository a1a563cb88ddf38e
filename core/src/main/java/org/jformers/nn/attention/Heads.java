package org.jformers.nn.attention;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** Splits projections into heads and joins heads again. */
final class Heads {
    private Heads() {}

    /** [B, T, parts * N * D] to {@code parts} views [B, N, T, D]. */
    static TensorVector split(Tensor projected, int parts, int heads) {
        long batch = projected.size(0);
        long tokens = projected.size(1);
        long headDim = projected.size(2) / parts / heads;
        return projected
                .view(batch, tokens, parts, heads, headDim)
                .permute(2, 0, 3, 1, 4)
                .unbind(0);
    }

    /** [B, N, T, D] to [B, T, N * D]. */
    static Tensor join(Tensor context_BNTD) {
        return context_BNTD.transpose(1, 2).flatten(2, 3);
    }
}
