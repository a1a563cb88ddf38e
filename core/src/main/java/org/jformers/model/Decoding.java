package org.jformers.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.nn.attention.RowState;

/**
 * Texts in the making: what a model has read so far of any number of rows, which come and go and have lengths of their
 * own. Made by {@link Model#decoding}; owns its tensors until closed. Used by one thread.
 */
public interface Decoding extends AutoCloseable {

    /**
     * Tokens to be read behind those that a row has.
     *
     * @param row its number
     * @param tokens at least one
     * @param scored how many of them, the last ones, are to be scored
     */
    record Reading(int row, int[] tokens, int scored) {}

    /**
     * Begins rows.
     *
     * @param prompt for decoders {@code attention_mask} if there is padding on the left, which is read only where rows
     *     go together; for encoder-decoders the source, one row for each of its own
     * @param rows how many
     * @return their numbers
     */
    int[] begin(ModelInputs prompt, int rows);

    /**
     * Lets a row that has read nothing begin with what is still there of a text, where other rows have read it.
     *
     * @return how many of the tokens it need not read any more
     */
    default int recall(int row, int[] tokens) {
        return 0;
    }

    /**
     * What is kept of all tokens that a row has read, in the caller's scope; good until its next token.
     *
     * @throws JformersException where rows go together
     */
    default RowState state(int row) {
        throw new JformersException("generate: got a row to take along that goes on with others, allowed models with"
                + " keys and values");
    }

    /**
     * Lets a row that has read nothing have read tokens.
     *
     * @param state what another row has of them, and maybe of more
     * @throws JformersException where rows go together
     */
    default void restore(int row, RowState state, int[] tokens) {
        throw new JformersException("generate: got what was kept of tokens for a row that goes on with others, allowed"
                + " models with keys and values");
    }

    /** A new row that goes on with what another one has read. */
    int fork(int row);

    /** Lets a row go. */
    void end(int row);

    /**
     * Forgets what a row has read from a place on.
     *
     * @throws JformersException where rows go together
     */
    void truncate(int row, long length);

    /**
     * Reads tokens of some rows.
     *
     * @param readings each of another row
     * @return scores of what comes behind each scored token, float32 [scored, V], in order, on the model's device; the
     *     caller's. A model that fails leaves the rows unusable but for {@link #end}
     */
    Tensor read(List<Reading> readings);

    /**
     * Whether rows may be read in parts of any length, each by itself. Otherwise those that began together are read
     * together, all as many tokens, and what they are told to read first is a whole prompt.
     */
    boolean inParts();

    @Override
    void close();
}
