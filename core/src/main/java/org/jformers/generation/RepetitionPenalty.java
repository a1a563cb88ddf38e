package org.jformers.generation;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.tensor.Tensors;

/**
 * Makes tokens that were there less likely: positive scores are divided, negative ones multiplied, once per token
 * however often it was there. Source: arXiv:1909.05858, 4.1.
 *
 * @param penalty factor above 0; below 1 it favours repetition
 */
public record RepetitionPenalty(double penalty) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        Scalar factor = new Scalar(penalty);
        Tensor seen_BS = Tensors.ofLongs(ids_BS);
        Tensor old_BS = scores_BV.gather(1, seen_BS);
        Tensor new_BS = torch.where(old_BS.lt(new Scalar(0)), old_BS.mul(factor), old_BS.div(factor));
        return scores_BV.scatter_(1, seen_BS, new_BS);
    }
}
