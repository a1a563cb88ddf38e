package org.jformers.model.kind;

import org.bytedeco.pytorch.Tensor;

/**
 * Rows that go on together, a token each at a time: of models whose rows depend on each other, or are read anew with
 * each token. Owns its tensors until closed.
 */
interface RowGroup extends AutoCloseable {
    /** Reads tokens behind those of each row, int64 [B, T]; scores of the token behind the last one, float32 [B, V]. */
    Tensor next(Tensor ids_BT);

    /** Row {@code i} continues what row {@code rows_B[i]} has read so far. */
    void reorder(Tensor rows_B);

    @Override
    void close();
}
