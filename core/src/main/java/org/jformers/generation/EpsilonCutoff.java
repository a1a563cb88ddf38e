package org.jformers.generation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Leaves the tokens that have a least probability. Source: arXiv:2210.15191, 4.2.
 *
 * @param epsilon that probability, in (0, 1)
 * @param atLeast how many of the best tokens stay even so, at least 1
 */
public record EpsilonCutoff(double epsilon, int atLeast) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        return Banned.ruleOut(scores_BV, scores_BV.softmax(-1).lt(new Scalar(epsilon)), atLeast);
    }
}
