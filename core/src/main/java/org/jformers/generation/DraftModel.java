package org.jformers.generation;

import org.jformers.model.Model;

/**
 * Guesses with a smaller model of the same vocabulary, which stays the caller's.
 *
 * @param model a decoder that keeps keys and values
 * @param tokens tokens that are guessed at once
 */
public record DraftModel(Model model, int tokens) implements Drafts {
    /** Tokens that are guessed where nobody says how many. */
    public static final int USUAL = 4;

    public DraftModel {
        PromptLookup.requireTokens(tokens);
    }
}
