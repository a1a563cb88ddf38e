package org.jformers.generation;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What was generated for one prompt.
 *
 * @param ids the new tokens without the prompt (or the start token), without padding; an end token is the last
 * @param score beam search only: log-probability divided by the power of the length
 * @param complete true if an end token or another rule ended it, false if the length limit did
 * @param scores how likely each token was, where that was asked for ({@link Controls#withScores})
 */
public record Continuation(int[] ids, OptionalDouble score, boolean complete, List<TokenScore> scores) {
    public Continuation {
        scores = List.copyOf(scores);
    }

    /** Without scores of tokens. */
    public Continuation(int[] ids, OptionalDouble score, boolean complete) {
        this(ids, score, complete, List.of());
    }
}
