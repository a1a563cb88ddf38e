package org.jformers.pipeline;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.jformers.generation.Continuation;

/**
 * A text that a model wrote.
 *
 * @param text the new text, special tokens left out
 * @param ids its tokens, an end token included
 * @param score beam search only: log-probability divided by the power of the length
 * @param complete true if an end token or a stop string ended it, false if the length limit did
 */
public record Completion(String text, int[] ids, OptionalDouble score, boolean complete) {
    static Completion of(String text, Continuation continuation) {
        return new Completion(text, continuation.ids(), continuation.score(), continuation.complete());
    }

    /** The text with its tokens. */
    @Override
    public String toString() {
        return "Completion[text=" + text + ", ids=" + Arrays.toString(ids)
                + (score.isPresent() ? ", score=" + score.getAsDouble() : "") + ", complete=" + complete + "]";
    }
}
