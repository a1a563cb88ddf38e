package org.jformers.nn.attention;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What attention gives.
 *
 * @param context weighted sums of the values, [B, T, C]
 * @param weights the weights [B, N, T, S], if they were asked for
 */
public record AttentionOutput(Tensor context, Optional<Tensor> weights) {}
