package org.jformers.generation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Divides the scores: below 1 likely tokens become likelier, above 1 all become alike.
 *
 * @param temperature above 0
 */
public record Temperature(double temperature) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        return scores_BV.div_(new Scalar(temperature));
    }
}
