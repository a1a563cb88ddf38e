package org.jformers.model;

import org.bytedeco.pytorch.Tensor;

/**
 * One generation in progress: what the model has read so far, with keys and values kept. Made by {@link
 * Model#decoding}; owns its tensors until closed. Used by one thread at a time.
 */
public interface Decoding extends AutoCloseable {

    /**
     * Reads tokens and scores what comes next.
     *
     * @param ids_BT int64 [B, T] on the host, the tokens behind those read so far
     * @return scores of the token behind the last one, float32 [B, V], on the model's device
     */
    Tensor next(Tensor ids_BT);

    /**
     * Row {@code i} continues what row {@code rows_B[i]} has read so far: for beams, to repeat rows and to drop them.
     */
    void reorder(Tensor rows_B);

    @Override
    void close();
}
