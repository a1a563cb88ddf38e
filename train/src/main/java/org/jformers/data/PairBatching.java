package org.jformers.data;

/**
 * How sequence pairs group to batches.
 *
 * @param tokensPerBatch most places a batch has, padding included: examples x (longest source + longest target)
 * @param examplesPerBatch most examples of a batch
 * @param maxSourceLength longer sources are dropped
 * @param maxTargetLength longer targets are dropped
 * @param pool number of shuffled examples that are sorted by length together; the larger, the less padding; the
 *     smaller, the more random the batches
 */
public record PairBatching(
        int tokensPerBatch, int examplesPerBatch, int maxSourceLength, int maxTargetLength, int pool) {

    public PairBatching {
        require("tokens_per_batch", tokensPerBatch);
        require("examples_per_batch", examplesPerBatch);
        require("max_source_length", maxSourceLength);
        require("max_target_length", maxTargetLength);
        require("pool", pool);
        if (maxSourceLength > Short.MAX_VALUE || maxTargetLength > Short.MAX_VALUE) {
            throw new DataException("batching: max_source_length (" + maxSourceLength + ") and max_target_length ("
                    + maxTargetLength + ") must be <= " + Short.MAX_VALUE);
        }
        if (tokensPerBatch < (long) maxSourceLength + maxTargetLength) {
            throw new DataException("batching: tokens_per_batch (" + tokensPerBatch + ") must hold one example of "
                    + "max_source_length (" + maxSourceLength + ") + max_target_length (" + maxTargetLength + ")");
        }
    }

    private static void require(String name, int value) {
        if (value < 1) {
            throw new DataException("batching: " + name + " must be >= 1, got " + value);
        }
    }
}
