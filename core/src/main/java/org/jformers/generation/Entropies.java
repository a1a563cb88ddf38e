package org.jformers.generation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** How unsure scores are. */
final class Entropies {
    private static final long[] LAST = {-1};

    private Entropies() {}

    /** Entropy of the softmax of scores, [B, V], in nats, [B, 1]; tokens that are ruled out add nothing. */
    static Tensor of(Tensor scores_BV) {
        Tensor log_BV = logs(scores_BV);
        Tensor finite_BV = log_BV.clamp_min(new Scalar(-Float.MAX_VALUE));
        return sum(finite_BV.mul(log_BV.softmax(-1))).neg();
    }

    /** Log-probabilities, in the arithmetic of the reference's distributions. */
    static Tensor logs(Tensor scores_BV) {
        return scores_BV.sub(scores_BV.logsumexp(LAST, true));
    }

    /** Sums of the rows, [B, 1]. */
    static Tensor sum(Tensor terms_BV) {
        return terms_BV.sum(LAST, true, new ScalarTypeOptional());
    }
}
