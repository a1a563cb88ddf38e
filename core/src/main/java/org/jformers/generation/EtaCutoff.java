package org.jformers.generation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Leaves the tokens that have a least probability, which sinks with the entropy: the smaller one of epsilon and
 * sqrt(epsilon) exp(-entropy). Source: arXiv:2210.15191, 4.3.
 *
 * @param epsilon in (0, 1)
 * @param atLeast how many of the best tokens stay even so, at least 1
 */
public record EtaCutoff(double epsilon, int atLeast) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        float least = (float) epsilon;
        Tensor eta_B1 = Entropies.of(scores_BV).neg().exp().mul(new Scalar((float) Math.sqrt(least)))
                .clamp_max(new Scalar(least));
        return Banned.ruleOut(scores_BV, scores_BV.softmax(-1).lt(eta_B1), atLeast);
    }
}
