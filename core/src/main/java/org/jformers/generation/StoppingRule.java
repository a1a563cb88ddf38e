package org.jformers.generation;

/**
 * Tells when a sequence is complete. Kinds: {@link EndTokens}, {@link StopStrings}, {@link TimeLimit}, {@link
 * Cancellation}.
 */
@FunctionalInterface
public interface StoppingRule {

    /**
     * Whether a sequence is complete; asked after each token.
     *
     * @param ids the sequence, prompt included, with at least one new token
     * @param promptLength how many of them are the prompt's
     */
    boolean stops(long[] ids, int promptLength);

    /** Whether all is over, whatever a sequence is; asked before each token, the first too. */
    default boolean over() {
        return false;
    }
}
