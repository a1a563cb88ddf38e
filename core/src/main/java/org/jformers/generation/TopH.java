package org.jformers.generation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Leaves the best tokens whose terms of the entropy together reach no more than a share of it; of the hundred best, and
 * always the first. Source: arXiv:2509.02510, algorithm 1.
 *
 * @param share of the entropy, in (0, 1]
 */
public record TopH(double share) implements LogitsProcessor {
    private static final long MOST = 100;

    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        var best = scores_BV.topk(Math.min(MOST, scores_BV.size(1)), -1, true, true);
        Tensor probabilities_BK = Entropies.logs(best.get0()).softmax(-1);
        Tensor terms_BK = probabilities_BK.mul(probabilities_BK.log()).neg();
        Tensor keep_BK = terms_BK.cumsum(-1).le(Entropies.of(best.get0()).mul(new Scalar(share)));
        keep_BK.narrow(-1, 0, 1).fill_(new Scalar(1));
        Tensor drop_BV = scores_BV.eq(scores_BV).fill_(new Scalar(1)).scatter_(-1, best.get1(), keep_BK.logical_not());
        return scores_BV.masked_fill_(drop_BV, new Scalar(Banned.IMPOSSIBLE));
    }
}
