package org.jformers.generation;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/** Takes the best, the first of equals for one per row. */
public final class GreedySampler implements Sampler {
    @Override
    public Tensor choose(Tensor scores_BV, int count) {
        return count == 1
                ? scores_BV.argmax(new LongOptional(1), true)
                : scores_BV.topk(count, 1, true, true).get1();
    }
}
