package org.jformers.generation;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/**
 * Leaves but the given tokens at one length of the sequence, each with score 0: a language code behind the start token,
 * an end token at the length limit.
 *
 * @param tokens the tokens
 * @param length length of the sequence, prompt included, behind which one of them must follow
 */
public record ForcedTokens(List<Integer> tokens, int length) implements LogitsProcessor {
    public ForcedTokens {
        tokens = List.copyOf(tokens);
    }

    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        if (ids_BS[0].length != length) {
            return scores_BV;
        }
        long[] ids = Banned.longs(tokens);
        Banned.requireKnown("forced token", ids, scores_BV.size(1));
        return scores_BV.fill_(new Scalar(Banned.IMPOSSIBLE))
                .index_fill_(1, Tensors.ofLongs(ids, ids.length), new Scalar(0));
    }
}
