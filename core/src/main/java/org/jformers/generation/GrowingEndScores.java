package org.jformers.generation;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.tensor.Tensors;

/**
 * Adds to the score of each end token its size times factor^(tokens beyond a length) - 1. What is ruled out stays so.
 *
 * @param length with the prompt, beyond which it begins
 * @param factor the base of the power
 * @param tokens the end tokens
 */
record GrowingEndScores(int length, double factor, List<Integer> tokens) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        int beyond = ids_BS[0].length - length;
        if (beyond <= 0) {
            return scores_BV;
        }
        long[] ids = Banned.longs(tokens);
        Banned.requireKnown("eos_token_id", ids, scores_BV.size(1));
        Tensor ends_E = Tensors.ofLongs(ids, ids.length);
        Tensor old_BE = scores_BV.index_select(1, ends_E);
        Tensor gain_BE = old_BE.abs().mul(new Scalar(Math.pow(factor, beyond) - 1));
        Tensor new_BE = torch.where(old_BE.isfinite(), old_BE.add(gain_BE), old_BE);
        return scores_BV.index_copy_(1, ends_E, new_BE);
    }
}
