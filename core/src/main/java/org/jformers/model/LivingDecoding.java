package org.jformers.model;

import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Lifetime;

/** A generation that goes on as long as its model is there. What it keeps itself is freed whenever it is closed. */
final class LivingDecoding implements Decoding {
    private final Lifetime model;
    private final Decoding decoding;

    LivingDecoding(Lifetime model, Decoding decoding) {
        this.model = model;
        this.decoding = decoding;
    }

    @Override
    public Tensor next(Tensor ids_BT) {
        return model.use(() -> decoding.next(ids_BT));
    }

    @Override
    public void reorder(Tensor rows_B) {
        decoding.reorder(rows_B);
    }

    @Override
    public void close() {
        decoding.close();
    }
}
