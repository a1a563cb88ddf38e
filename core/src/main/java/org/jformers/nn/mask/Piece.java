package org.jformers.nn.mask;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A part of an attention that is computed by itself: some queries with the keys that they may see.
 *
 * @param rows of the batch
 * @param queries places of the queries
 * @param keys places of the keys
 * @param cover which of these keys the queries see
 * @param bias the same for their scores; not read where all are seen
 * @param documents how many documents of one length these places are, one behind the other, in one row; each sees
 *     itself, as {@code cover} says
 */
public record Piece(Span rows, Span queries, Span keys, Cover cover, Bias bias, int documents) {
    /** Of pieces where all is seen. */
    static final Bias NO_BIAS = new Bias.None();

    /** Which keys of a piece its queries see. */
    public enum Cover {
        ALL,
        /** Each query its own place and those before; there are as many queries as keys. */
        CAUSAL,
        /** Those that the bias leaves. */
        SOME
    }

    /** A piece of queries that may see the same places. */
    public Piece(Span rows, Span queries, Span keys, Cover cover, Bias bias) {
        this(rows, queries, keys, cover, bias, 1);
    }

    /** Its documents by themselves. */
    public List<Piece> apart() {
        List<Piece> parts = new ArrayList<>();
        long length = queries.length() / documents;
        for (int i = 0; i < documents; i++) {
            Span places = new Span(queries.start() + i * length, length);
            parts.add(new Piece(rows, places, places, cover, bias));
        }
        return parts;
    }

    /**
     * Queries, keys or values of all places [B, N, S, D] to those of this piece, its documents in rows of their own.
     */
    public Tensor of(Tensor all_BNSD, Span places) {
        Tensor some_BNSD = places.of(rows.of(all_BNSD, 0), 2);
        return documents == 1
                ? some_BNSD
                : some_BNSD.squeeze(0).unflatten(1, documents, places.length() / documents).transpose(0, 1);
    }

    /**
     * The places of this piece in [B, T, N, D], its documents in rows of their own, [documents, T / documents, N, D].
     */
    public Tensor target(Tensor all_BTND) {
        Tensor some_BTND = queries.of(rows.of(all_BTND, 0), 1);
        return documents == 1
                ? some_BTND
                : some_BTND.squeeze(0).unflatten(0, documents, queries.length() / documents);
    }

    /** The same with no more than a number of queries at a time. */
    public List<Piece> cut(long most) {
        if (queries.length() <= most) {
            return List.of(this);
        }
        List<Piece> parts = new ArrayList<>();
        for (long from = queries.start(); from < queries.end(); from += most) {
            Span some = Span.of(from, Math.min(from + most, queries.end()));
            boolean causal = cover == Cover.CAUSAL;
            Span seen = causal ? Span.of(keys.start(), keys.start() + some.end() - queries.start()) : keys;
            parts.add(new Piece(rows, some, seen, causal ? Cover.SOME : cover, bias));
        }
        return parts;
    }
}
