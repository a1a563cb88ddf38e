package org.jformers.generation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Leaves the k best tokens, and those that are as good as the k-th. Source: arXiv:1805.04833, 5.4.
 *
 * @param k at least 1; more than the vocabulary leaves all
 */
public record TopK(int k) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        long kept = Math.min(k, scores_BV.size(1));
        Tensor best_BK = scores_BV.topk(kept, 1, true, true).get0();
        return scores_BV.masked_fill_(scores_BV.lt(best_BK.narrow(1, kept - 1, 1)), new Scalar(Banned.IMPOSSIBLE));
    }
}
