package org.jformers.nn.attention;

import org.bytedeco.pytorch.Tensor;

/**
 * Keys and values of one row in one layer. Owns its tensors until closed.
 *
 * <p>Dimensions: G key/value heads, T new tokens, S tokens that are kept, D head width.
 */
interface LayerKeys extends AutoCloseable {
    /** Makes room for tokens, if there are some already; those that are not needed any more may go. */
    void prepare(long tokens);

    /** Adds tokens behind those that are there. */
    void append(Tensor key_1GTD, Tensor value_1GTD);

    /** How many tokens were added, those that are not kept any more among them. */
    long length();

    /** The place of the first token that is kept. */
    long first();

    /** Keys that are kept, [1, G, S, D], in the caller's scope; good until the next token. */
    Tensor keys();

    /** Values that are kept, likewise. */
    Tensor values();

    /** Forgets the tokens from a place on. */
    void truncate(long length);

    /** The same tokens again, to go on in another way. */
    LayerKeys fork();

    @Override
    void close();
}
