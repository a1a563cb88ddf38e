package org.jformers.generation;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Rules tokens out while the sequence has certain lengths: end tokens before the shortest length, tokens that must not
 * come first, tokens that must never come.
 *
 * @param tokens the tokens
 * @param from first length, prompt included, at which they may not follow
 * @param until first length at which they may again
 */
public record ForbiddenTokens(List<Integer> tokens, int from, int until) implements LogitsProcessor {
    public ForbiddenTokens {
        tokens = List.copyOf(tokens);
    }

    /** Tokens that never come. */
    public static ForbiddenTokens always(List<Integer> tokens) {
        return new ForbiddenTokens(tokens, 0, Integer.MAX_VALUE);
    }

    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        int length = ids_BS[0].length;
        return length >= from && length < until ? Banned.ruleOut(scores_BV, Banned.longs(tokens)) : scores_BV;
    }
}
