package org.jformers.generation;

import java.util.Arrays;
import java.util.List;
import org.jformers.model.ConfigException;

/**
 * Guesses that a text goes on as it did where its last tokens stood before: the latest place of the longest end, of
 * three tokens at most. As {@code prompt_lookup_num_tokens} of transformers 5.18.
 *
 * @param tokens most tokens that are guessed at once
 */
public record PromptLookup(int tokens) implements Drafts {
    private static final int LONGEST = 3;

    public PromptLookup {
        requireTokens(tokens);
    }

    static void requireTokens(int tokens) {
        if (tokens < 1 || tokens > 32) {
            throw new ConfigException("generation: got guessed tokens " + tokens + ", allowed 1 to 32");
        }
    }

    /** What stood behind the latest place of the end of a text. */
    static Drafter.Guess found(long[] ids, int most) {
        for (int size = Math.min(LONGEST, ids.length - 1); size > 0; size--) {
            int end = ids.length - size;
            for (int start = end - 1; start >= 0; start--) {
                if (Arrays.equals(ids, start, start + size, ids, end, ids.length)) {
                    int from = start + size;
                    return new Drafter.Guess(
                            Arrays.copyOfRange(ids, from, Math.min(from + most, ids.length)), List.of());
                }
            }
        }
        return Drafter.Guess.NONE;
    }
}
