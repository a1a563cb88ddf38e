package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * How well labelled tokens were predicted. The tensors are the caller's scope's.
 *
 * @param sum sum of their cross-entropies, a float32 scalar
 * @param right of how many the score is the highest, of equals the first, an int64 scalar; only where no gradients are recorded, since
 *     looking for it takes time, and not from an adaptive softmax
 */
public record TokenLoss(Tensor sum, Optional<Tensor> right) {}
