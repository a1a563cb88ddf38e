package org.jformers.generation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Leaves the fewest tokens that reach a share of probability together, beginning with those whose surprise is nearest
 * to the entropy. Source: arXiv:2202.00666, 4.
 *
 * @param share of the probability, in (0, 1)
 * @param atLeast how many tokens stay even so, at least 1
 */
public record TypicalP(double share, int atLeast) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        long vocabulary = scores_BV.size(1);
        Tensor log_BV = scores_BV.log_softmax(-1);
        // A token that is ruled out gives 0 times infinity, which must not count.
        Tensor entropy_B1 = log_BV.mul(log_BV.exp()).nansum(new long[] {-1}, true, new ScalarTypeOptional()).neg();
        var nearest = log_BV.neg().sub(entropy_B1).abs().sort(-1, false);
        Tensor distance_BV = nearest.get0();
        Tensor order_BV = nearest.get1();
        Tensor reached_BV = scores_BV.gather(-1, order_BV).softmax(-1).cumsum(-1);
        Tensor last_B1 = Entropies.sum(reached_BV.lt(new Scalar(share))).clamp_max(new Scalar(vocabulary - 1));
        Tensor drop_BV = distance_BV.gt(distance_BV.gather(1, last_B1));
        drop_BV.narrow(1, 0, Math.min(atLeast, vocabulary)).fill_(new Scalar(0));
        return scores_BV.masked_fill_(drop_BV.scatter(1, order_BV, drop_BV), new Scalar(Banned.IMPOSSIBLE));
    }
}
