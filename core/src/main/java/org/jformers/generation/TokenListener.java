package org.jformers.generation;

/** Hears each token of a single sequence as soon as it is chosen. An exception from it ends the generation. */
@FunctionalInterface
public interface TokenListener {

    /** A new token, end tokens included. */
    void token(int id);

    /** The same where scores are asked for ({@link Controls#withScores}), in place of {@link #token}. */
    default void scored(TokenScore score) {
        token(score.id());
    }

    /** Before the first token: how many tokens of the prompt need not be read, for others have read them. */
    default void recalled(int tokens) {}
}
