package org.jformers.nn.mask;

import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * A statement about positions: true where a query may attend to a key. Changing only the mask turns one stack into an
 * encoder, a decoder, a prefix model or a permutation model.
 *
 * <ul>
 *   <li>{@link FullMask}: everything sees everything (BERT, encoders, cross-attention)
 *   <li>{@link MutualMask}: the same, with padding that sees nothing (DeBERTa)
 *   <li>{@link CausalMask}: the past and itself (GPT, decoders); with keys that begin before the queries it is also the
 *       mask of a cache and of Transformer-XL's memory
 *   <li>{@link CausalWithPaddingMask}: the same, padding among it (XLM)
 *   <li>{@link SlidingWindowMask}: the most recent positions only
 *   <li>{@link TwoSidedWindowMask}: the positions around, on both sides (ModernBERT)
 *   <li>{@link StridedMask}, {@link BlockMask}, {@link BlockEndMask}: every so many positions, the own block, the ends
 *       of all blocks; the sparse patterns of Sparse Transformers and GPT-3
 *   <li>{@link PrefixMask}: a prefix seen by all, causal behind it (prefix language models, T5's variant)
 *   <li>{@link PermutationMask}: an order of prediction other than left to right (XLNet)
 *   <li>{@link DocumentMask}: only the own document among those packed into a row
 *   <li>{@link BothMask}, {@link EitherMask}: combinations
 * </ul>
 *
 * Padding is not a mask: it belongs to the batch, not to the model, and is added by {@link Visibility}.
 */
public interface Mask {
    /** Positions among which a mask that looks ahead does so. */
    int LOOKED_AT = 16;

    /**
     * Where attention is allowed.
     *
     * @param query_T1 int64 positions of the queries, [T, 1], or [P, 1, T, 1] for rows that differ
     * @param key_1S int64 positions of the keys, [1, S], or [P, 1, 1, S]
     * @return bool, broadcastable to [T, S] or [P, 1, T, S]
     */
    Tensor allow(Tensor query_T1, Tensor key_1S);

    /** Whether some query sees a key behind it, as {@link #allow} tells of the first positions. */
    default boolean looksAhead() {
        return Scopes.get(() -> {
            Tensor position_T = Tensors.range(0, LOOKED_AT);
            Tensor query_T1 = position_T.unsqueeze(1);
            Tensor key_1S = position_T.unsqueeze(0);
            return allow(query_T1, key_1S).logical_and(key_1S.gt(query_T1)).any().item_bool();
        });
    }

    /** True if {@link #allow} holds for all given positions, so that nothing needs to be computed. */
    default boolean allowsAll(long firstQuery, long queries, long keys) {
        return false;
    }

    /** What padding means under a mask; unless it says otherwise, no token sees it. */
    enum Padding {
        /** A query that may see nothing gives zeros. */
        ZEROS,
        /** A query that may see nothing gives the mean of all values, as the references of some families do. */
        MEAN,
        /** Padding sees nothing itself, and so gives the mean. */
        BLIND,
        /** Nothing: padding is seen as tokens are. */
        SEEN
    }

    /** What padding means. */
    default Padding padding() {
        return Padding.ZEROS;
    }

    /** Allowed where both allow. */
    default Mask and(Mask other) {
        return new BothMask(this, other);
    }

    /** Allowed where one of the two allows. */
    default Mask or(Mask other) {
        return new EitherMask(this, other);
    }
}
