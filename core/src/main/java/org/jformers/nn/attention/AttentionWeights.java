package org.jformers.nn.attention;

import java.util.Optional;

/**
 * What makes weights of queries and keys: dropout(softmax(cap(scale q k^T))).
 *
 * @param scale factor on q k^T, usually 1 / sqrt(D)
 * @param softCap bound c of the scores, c tanh(score / c), if there is one
 * @param dropout rate on the weights, in [0, 1)
 */
public record AttentionWeights(double scale, Optional<Double> softCap, double dropout) {
    /** Without a bound. */
    public AttentionWeights(double scale, double dropout) {
        this(scale, Optional.empty(), dropout);
    }

    /** Scale 1 / sqrt(D), no dropout: arXiv:1706.03762, 3.2.1. */
    public static AttentionWeights of(int headDim) {
        return new AttentionWeights(1 / Math.sqrt(headDim), 0);
    }

    public AttentionWeights withDropout(double rate) {
        return new AttentionWeights(scale, softCap, rate);
    }
}
