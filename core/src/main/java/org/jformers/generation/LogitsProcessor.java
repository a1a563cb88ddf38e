package org.jformers.generation;

import org.bytedeco.pytorch.Tensor;

/**
 * Changes the scores of the next token before it is chosen: rules out tokens, makes them less likely, sharpens. Kinds:
 * {@link RepetitionPenalty}, {@link NoRepeatNgrams}, {@link BadWords}, {@link ForbiddenTokens}, {@link ForcedTokens},
 * {@link SequenceBias}, {@link Temperature}, {@link TopH}, {@link TopK}, {@link TopP}, {@link MinP}, {@link TypicalP},
 * {@link EpsilonCutoff}, {@link EtaCutoff}. What remembers something of a sequence is a {@link SequenceProcessor}.
 * Those of one generation run in a fixed order, see {@link Plan}.
 *
 * <p>Dimensions: B rows, S tokens so far, V vocabulary.
 */
@FunctionalInterface
public interface LogitsProcessor {

    /**
     * Scores to scores. Greedy choice and drawing hand in logits, beam search log-probabilities.
     *
     * @param ids_BS the tokens so far, padding and prompt included, all rows of one length
     * @param scores_BV float32, may be changed in place
     * @return float32 [B, V]; negative infinity rules a token out
     */
    Tensor process(long[][] ids_BS, Tensor scores_BV);
}
