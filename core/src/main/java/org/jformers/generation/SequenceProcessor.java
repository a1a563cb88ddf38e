package org.jformers.generation;

import org.bytedeco.pytorch.Tensor;

/**
 * Changes the scores of the next token by what it remembers of the sequence: where a grammar stands, what was counted.
 * What it remembers follows the sequence: it is shared where beams go on from one, the earlier one counts again where
 * guessed tokens are taken back, and it stays where a request gives its rows up. So it is a value, which nobody
 * changes; it is kept until the request ends.
 *
 * @param <S> what is remembered of a sequence
 */
public interface SequenceProcessor<S> {
    /** What is remembered before the first new token, of a prompt without its padding. */
    S begin(int[] prompt);

    /** What is remembered behind one more token. */
    S next(S before, int token);

    /**
     * Scores to scores of one sequence.
     *
     * @param state what is remembered of it
     * @param scores_V float32 [V], may be changed in place
     * @return float32 [V]; negative infinity rules a token out
     */
    Tensor process(S state, Tensor scores_V);
}
