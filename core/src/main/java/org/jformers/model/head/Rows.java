package org.jformers.model.head;

import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/** Picks values by indices and masks, which may be on the host: then nobody waits to learn how many there are. */
public final class Rows {
    private Rows() {}

    /** [B, T, C] and int64 positions [B] to [B, C]. */
    static Tensor at(Tensor hidden_BTC, Tensor positions_B) {
        Tensor index_B1C = Tensors.beside(positions_B, hidden_BTC)
                .unsqueeze(1)
                .unsqueeze(2)
                .expand(hidden_BTC.size(0), 1, hidden_BTC.size(2));
        return hidden_BTC.gather(1, index_B1C).squeeze(1);
    }

    /** [R, ...] and int64 rows [M] to [M, ...]. */
    static Tensor of(Tensor x, Tensor rows_M) {
        return Tensors.pick(x, 0, rows_M);
    }

    /** The values, one behind the other, where a mask that broadcasts to their shape is true. */
    public static Tensor where(Tensor values, Tensor mask) {
        return of(values.flatten(), mask.expand_as(values).flatten().nonzero().flatten());
    }
}
