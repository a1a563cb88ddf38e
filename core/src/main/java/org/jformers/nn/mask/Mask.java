package org.jformers.nn.mask;

import java.util.Optional;
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
 * What a batch brings, padding among it, is not a mask of the model: it is in {@link BatchMasks} and added by {@link
 * Visibility}, which hands the kernel a {@link Sight}.
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
        return band().map(band -> band.ahead() > 0).orElseGet(() -> Scopes.get(() -> {
            Tensor position_T = Tensors.range(0, LOOKED_AT);
            Tensor query_T1 = position_T.unsqueeze(1);
            Tensor key_1S = position_T.unsqueeze(0);
            return allow(query_T1, key_1S).logical_and(key_1S.gt(query_T1)).any().item_bool();
        }));
    }

    /** The same in two numbers, where the distance of query and key says it all. */
    default Optional<Band> band() {
        return Optional.empty();
    }

    /** True if {@link #allow} holds for all given positions, so that nothing needs to be computed. */
    default boolean allowsAll(long firstQuery, long queries, long keys) {
        return band().map(band -> band.among(firstQuery, queries, new Span(0, keys)).isEverything()).orElse(false);
    }

    /** What padding is under a mask. */
    enum Padding {
        /** No token sees it. */
        HIDDEN,
        /** The same, and it sees nothing itself. */
        BLIND,
        /** Like any token. */
        SEEN
    }

    /** What padding is. */
    default Padding padding() {
        return Padding.HIDDEN;
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
