package org.jformers.nn.mask;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.mask.Documents.Run;
import org.jformers.tensor.Tensors;

/**
 * What the queries of one forward pass may see: the masks of the layers, joined with those of the batch. Each distinct
 * mask is worked out once and shared by all layers. Its tensors belong to the scope in which {@link #prepare} was
 * called, so a stack prepares before it enters its layers.
 *
 * <p>Dimensions: B batch, T queries, S keys.
 */
public final class Visibility {
    private final long first;
    private final Span queries;
    private final Span keys;
    private final BatchMasks batch;
    private final Optional<Documents> queryDocuments;
    private final boolean ownIsSeen;
    private final Map<Mask, Allowed> prepared = new HashMap<>();

    private Visibility(
            long first, Span queries, Span keys, BatchMasks batch, Optional<Documents> queryDocuments,
            boolean ownIsSeen) {
        this.first = first;
        this.queries = queries;
        this.keys = keys;
        this.batch = batch;
        this.queryDocuments = queryDocuments;
        this.ownIsSeen = ownIsSeen;
    }

    /**
     * Of tokens that see themselves and those before them.
     *
     * @param first place of the first query among the keys: the number of keys that were there before
     * @param queries T
     * @param keys S
     * @param batch what the batch says; documents only where there are no keys before
     */
    public static Visibility of(long first, long queries, long keys, BatchMasks batch) {
        Optional<Documents> apart = batch.documents().map(documents -> documents.apart(batch.real()));
        return new Visibility(first, new Span(0, queries), new Span(0, keys),
                apart.map(batch::withDocuments).orElse(batch), apart, false);
    }

    /**
     * Of tokens that see a memory.
     *
     * @param queries T
     * @param keys S
     * @param batch what the batch says of the memory
     * @param queryDocuments the documents of the tokens, which see those of the same number
     */
    public static Visibility ofMemory(long queries, long keys, BatchMasks batch, Optional<Documents> queryDocuments) {
        Optional<Documents> apart = batch.documents().map(documents -> documents.apart(batch.real()));
        return new Visibility(0, new Span(0, queries), new Span(0, keys),
                apart.map(batch::withDocuments).orElse(batch), queryDocuments, false);
    }

    /** The same with queries that see their own place whatever else is said. */
    public Visibility withOwn() {
        return new Visibility(first, queries, keys, batch, queryDocuments, true);
    }

    /** Works a mask out for matrix products of the given type. */
    public Allowed prepare(Mask mask, ScalarType type) {
        return prepared.computeIfAbsent(mask, m -> new Allowed(sight(m, type), Optional.empty(), blind(m),
                Optional.empty()));
    }

    private Optional<Tensor> blind(Mask mask) {
        return mask.padding() != Mask.Padding.BLIND || queryDocuments.isPresent()
                ? Optional.empty()
                : batch.real().map(real_BS -> new Span(first, queries.length()).of(real_BS, 1)
                        .logical_not().unsqueeze(1).unsqueeze(3));
    }

    private Sight sight(Mask mask, ScalarType type) {
        Pairs pairs = new Pairs(mask, first, batch, queryDocuments, ownIsSeen);
        if (pairs.isEverything(queries, keys)) {
            return new Sight.Everything();
        }
        Bias.Made made = new Bias.Made(pairs, type);
        boolean byDistance = mask.band().isPresent() && batch.prefixes().isEmpty() && batch.hidden().isEmpty()
                && !ownIsSeen;
        if (byDistance && queryDocuments.isPresent()) {
            Optional<List<Piece>> pieces = documents(mask, type);
            if (pieces.isPresent()) {
                return new Sight.Segments(made, pieces.get());
            }
        } else if (byDistance) {
            Band band = mask.band().get().among(first, queries.length(), keys);
            boolean square = first == 0 && queries.equals(keys);
            if (band.isCausal() && square && pairs.padding().isEmpty()) {
                return new Sight.Causal(GradMode.is_enabled() ? held(made) : made);
            }
            if (!band.isEverything()) {
                List<Piece> pieces = Pieces.ofWindow(pairs, type, queries.length(), keys.length());
                return new Sight.Window(
                        made, pieces, pieces.size() > 1 ? withoutKeys(pairs, band) : Optional.empty());
            }
        }
        return new Sight.Dense(held(made));
    }

    /** At once, unless it would be too much. */
    private Bias held(Bias.Made made) {
        return made.whole(queries, keys).<Bias>map(bias -> new Bias.Whole(bias, queries, keys)).orElse(made);
    }

    /** The pieces of documents; empty in short rows, where one is as good, and where nobody knows the documents. */
    private Optional<List<Piece>> documents(Mask mask, ScalarType type) {
        if (Math.max(queries.length(), keys.length()) <= Pieces.SHORT) {
            return Optional.empty();
        }
        Documents read = batch.documents().orElseThrow();
        Optional<List<List<Run>>> keyRows = read.rows();
        if (keyRows.isEmpty()) {
            return Optional.empty();
        }
        Documents asking = queryDocuments.orElseThrow();
        return asking == read
                ? Pieces.ofDocuments(mask, type, batch, keyRows.get())
                : asking.rows().flatMap(rows -> Pieces.ofMemory(rows, keyRows.get()));
    }

    /** True for queries that have nothing but padding near them, [B, 1, T, 1]. */
    private Optional<Tensor> withoutKeys(Pairs pairs, Band band) {
        return pairs.padding().map(real_BS -> {
            Tensor none_B1 = real_BS.narrow(1, 0, 1).logical_and(real_BS.narrow(1, 0, 1).logical_not());
            Tensor before_BS = Tensors.cat(1, none_B1.to(ScalarType.Long), real_BS.cumsum(1));
            Tensor place_T = Tensors.range(first, first + queries.length());
            Tensor from_T = place_T.sub(new Scalar(band.behind())).clamp_min(new Scalar(0L));
            Tensor to_T = place_T.add(new Scalar(band.ahead() + 1)).clamp_max(new Scalar(keys.length()));
            return before_BS.index_select(1, from_T).eq(before_BS.index_select(1, to_T)).unsqueeze(1).unsqueeze(3);
        });
    }
}
