package org.jformers.nn.mask;

import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/**
 * Which query may see which key under one mask and those of a batch, worked out for as many of them as are asked for.
 *
 * <p>Dimensions: B rows, T queries, S keys.
 *
 * @param mask that of the layer
 * @param first place of the first query among the keys
 * @param batch what the batch says; padding and documents are about the keys
 * @param queryDocuments the documents of the queries, where the batch has some
 * @param ownIsSeen whether a query sees its own place whatever else is said
 */
record Pairs(Mask mask, long first, BatchMasks batch, Optional<Documents> queryDocuments, boolean ownIsSeen) {

    /** Those of a mask alone. */
    static Pairs of(Mask mask, long first) {
        return new Pairs(mask, first, BatchMasks.NONE, Optional.empty(), false);
    }

    /** Whether all queries see all keys. */
    boolean isEverything(Span queries, Span keys) {
        return alike(queries, keys) && padding().isEmpty();
    }

    /** Whether padding at most tells keys apart, and queries not at all; a prefix shows what is seen anyway. */
    private boolean alike(Span queries, Span keys) {
        return maskSeesAll(queries, keys) && queryDocuments.isEmpty() && batch.hidden().isEmpty();
    }

    /** How many numbers say it. */
    long cells(Span queries, Span keys) {
        long rows = Stream.of(batch.documents().map(Documents::numbers), padding(), batch.prefixes(), batch.hidden())
                .flatMap(Optional::stream)
                .mapToLong(tensor -> tensor.size(0))
                .max().orElse(1);
        boolean alike = alike(queries, keys) && mask.padding() != Mask.Padding.BLIND && !ownIsSeen;
        return rows * (alike ? 1 : queries.length()) * keys.length();
    }

    /** True where a query may see a key, [1 or B, 1, 1 or T, S]; empty if all may. */
    Optional<Tensor> allow(Span rows, Span queries, Span keys) {
        Optional<Tensor> allow = byMask(rows, queries, keys);
        if (allow.isPresent() && batch.prefixes().isPresent()) {
            Tensor prefix_B111 = rows.of(batch.prefixes().get(), 0).view(-1, 1, 1, 1);
            allow = Optional.of(allow.get().logical_or(key(keys).lt(prefix_B111)));
        }
        if (queryDocuments.isPresent()) {
            Tensor key_B11S = row(batch.documents().orElseThrow().numbers(), rows, keys);
            allow = both(allow, column(queryDocuments.get().numbers(), rows, queries).eq(key_B11S));
        }
        if (padding().isPresent()) {
            allow = both(allow, row(padding().get(), rows, keys));
            if (mask.padding() == Mask.Padding.BLIND) {
                allow = both(allow, column(padding().get(), rows, places(queries)));
            }
        }
        if (batch.hidden().isPresent()) {
            Tensor hidden_BTS = keys.of(queries.of(rows.of(batch.hidden().get(), 0), 1), 2);
            allow = both(allow, hidden_BTS.logical_not().unsqueeze(1));
        }
        return ownIsSeen ? allow.map(some -> some.logical_or(query(queries).eq(key(keys)))) : allow;
    }

    /** Which keys are no padding, where that is to be asked; with documents, padding is one of them. */
    Optional<Tensor> padding() {
        return queryDocuments.isPresent() || mask.padding() == Mask.Padding.SEEN ? Optional.empty() : batch.real();
    }

    private boolean maskSeesAll(Span queries, Span keys) {
        return mask.band().isPresent()
                ? mask.band().get().among(first + queries.start(), queries.length(), keys).isEverything()
                : mask.allowsAll(first + queries.start(), queries.length(), keys.end());
    }

    private Optional<Tensor> byMask(Span rows, Span queries, Span keys) {
        if (maskSeesAll(queries, keys)) {
            return Optional.empty();
        }
        return Optional.of(queryDocuments.isPresent() && mask.band().isEmpty()
                ? mask.allow(
                        column(queryDocuments.get().positions(), rows, queries),
                        row(batch.documents().orElseThrow().positions(), rows, keys))
                : mask.allow(query(queries).view(-1, 1), key(keys).view(1, -1)).unsqueeze(0).unsqueeze(0));
    }

    private static Optional<Tensor> both(Optional<Tensor> allow, Tensor more) {
        return Optional.of(allow.map(some -> some.logical_and(more)).orElse(more));
    }

    /** Where queries stand among the keys. */
    private Span places(Span queries) {
        return new Span(first + queries.start(), queries.length());
    }

    private Tensor query(Span queries) {
        Span places = places(queries);
        return Tensors.range(places.start(), places.end()).view(1, 1, -1, 1);
    }

    private static Tensor key(Span keys) {
        return Tensors.range(keys.start(), keys.end()).view(1, 1, 1, -1);
    }

    private static Tensor row(Tensor x_BS, Span rows, Span keys) {
        return keys.of(rows.of(x_BS, 0), 1).unsqueeze(1).unsqueeze(1);
    }

    private static Tensor column(Tensor x_BT, Span rows, Span queries) {
        return queries.of(rows.of(x_BT, 0), 1).unsqueeze(1).unsqueeze(3);
    }
}
