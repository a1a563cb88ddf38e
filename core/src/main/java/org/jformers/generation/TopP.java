package org.jformers.generation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Leaves the fewest best tokens whose probabilities reach p together (nucleus sampling). Source: arXiv:1904.09751, 3.1.
 *
 * @param p share of the probability, in [0, 1]
 * @param atLeast how many tokens stay even so, at least 1
 */
public record TopP(double p, int atLeast) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        long vocabulary = scores_BV.size(1);
        var ascending = scores_BV.sort(1, false);
        Tensor order_BV = ascending.get1();
        // From the worst up, so that a sum tells what all tokens that are no better have together.
        Tensor drop_BV = ascending.get0().softmax(-1).cumsum(1).le(new Scalar(1 - p));
        long spared = Math.min(atLeast, vocabulary);
        drop_BV.narrow(1, vocabulary - spared, spared).fill_(new Scalar(0));
        Tensor dropped_BV = drop_BV.scatter(1, order_BV, drop_BV);
        return scores_BV.masked_fill_(dropped_BV, new Scalar(Banned.IMPOSSIBLE));
    }
}
