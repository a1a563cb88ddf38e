package org.jformers.generation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Leaves the tokens that have at least a share of the best token's probability. Source: arXiv:2407.01082, 3.
 *
 * @param share of that probability, in [0, 1]
 * @param atLeast how many tokens stay even so, at least 1
 */
public record MinP(double share, int atLeast) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        Tensor probabilities_BV = scores_BV.softmax(-1);
        Tensor least_B1 = probabilities_BV.amax(new long[] {-1}, true).mul(new Scalar(share));
        Tensor best_BK = probabilities_BV.topk(Math.min(atLeast, scores_BV.size(1)), -1, true, true).get1();
        Tensor drop_BV = probabilities_BV.lt(least_B1).scatter_(-1, best_BK, new Scalar(0));
        return scores_BV.masked_fill_(drop_BV, new Scalar(Banned.IMPOSSIBLE));
    }
}
