package org.jformers.model.head;

import org.bytedeco.pytorch.Tensor;

/** Picks one position per sequence. */
final class Rows {
    private Rows() {}

    /** [B, T, C] and int64 positions [B] to [B, C]. */
    static Tensor at(Tensor hidden_BTC, Tensor positions_B) {
        Tensor index_B1C = positions_B
                .unsqueeze(1)
                .unsqueeze(2)
                .expand(hidden_BTC.size(0), 1, hidden_BTC.size(2));
        return hidden_BTC.gather(1, index_B1C).squeeze(1);
    }
}
