package org.jformers.generation;

import org.bytedeco.pytorch.Tensor;

/** Chooses among scored candidates. Kinds: {@link GreedySampler}, {@link MultinomialSampler}. */
public interface Sampler extends AutoCloseable {

    /**
     * Chooses candidates of each row.
     *
     * @param scores_BV float32, logits or log-probabilities
     * @param count how many per row, all different
     * @return their indices, int64 [B, count]
     */
    Tensor choose(Tensor scores_BV, int count);

    /** Frees what it owns. */
    @Override
    default void close() {}
}
