package org.jformers.generation;

import java.util.List;

/** Guesses how one text goes on. */
interface Drafter extends AutoCloseable {
    /**
     * Guesses.
     *
     * @param tokens a guess, which may be empty
     * @param probabilities of all tokens in each place, where guesses were drawn; empty where there was no doubt
     */
    record Guess(long[] tokens, List<float[]> probabilities) {
        static final Guess NONE = new Guess(new long[0], List.of());
    }

    /**
     * Guesses the next tokens.
     *
     * @param ids the text so far; up to where it was changed, what was told before
     * @param most how many at most
     */
    Guess guess(long[] ids, int most);

    @Override
    default void close() {}
}
