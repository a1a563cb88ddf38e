package org.jformers.generation;

import java.util.List;

/**
 * A sequence is complete with an end token.
 *
 * @param tokens the end tokens
 */
public record EndTokens(List<Integer> tokens) implements StoppingRule {
    public EndTokens {
        tokens = List.copyOf(tokens);
    }

    @Override
    public boolean stops(long[] ids, int promptLength) {
        return tokens.contains((int) ids[ids.length - 1]);
    }
}
