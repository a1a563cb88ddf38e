package org.jformers.nn.attention;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** Splits projections into heads and joins heads again. */
final class Heads {
    private Heads() {}

    /** [B, T, (N + G + G) * D] to q [B, N, T, D], k and v [B, G, T, D], all views. */
    static TensorVector split(Tensor projected, int heads, int keyValueHeads) {
        if (heads == keyValueHeads) {
            return parts(projected, 3, heads);
        }
        long headDim = projected.size(2) / (heads + 2L * keyValueHeads);
        Tensor all_BHTD = one(projected, headDim);
        return new TensorVector(
                all_BHTD.narrow(1, 0, heads),
                all_BHTD.narrow(1, heads, keyValueHeads),
                all_BHTD.narrow(1, heads + keyValueHeads, keyValueHeads));
    }

    /** [B, S, 2 * N * D] to k and v [B, N, S, D], views. */
    static TensorVector splitKeyValue(Tensor projected, int heads) {
        return parts(projected, 2, heads);
    }

    /** [B, T, N * D] to [B, N, T, D], a view. */
    static Tensor one(Tensor projected, long headDim) {
        return projected.view(projected.size(0), projected.size(1), -1, headDim).transpose(1, 2);
    }

    /** [B, N, T, D] to [B, T, N * D]. */
    static Tensor join(Tensor context_BNTD) {
        return context_BNTD.transpose(1, 2).flatten(2, 3);
    }

    private static TensorVector parts(Tensor projected, int parts, int heads) {
        long headDim = projected.size(2) / parts / heads;
        return projected
                .view(projected.size(0), projected.size(1), parts, heads, headDim)
                .permute(2, 0, 3, 1, 4)
                .unbind(0);
    }
}
