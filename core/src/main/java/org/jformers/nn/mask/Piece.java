package org.jformers.nn.mask;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of an attention that is computed by itself: some queries with the keys that they may see.
 *
 * @param rows of the batch
 * @param queries places of the queries
 * @param keys places of the keys
 * @param cover which of these keys the queries see
 * @param bias the same for their scores; not read where all are seen
 */
public record Piece(Span rows, Span queries, Span keys, Cover cover, Bias bias) {
    /** Of pieces where all is seen. */
    static final Bias NO_BIAS = new Bias.Whole(null, Span.ALL, Span.ALL);

    /** Which keys of a piece its queries see. */
    public enum Cover {
        ALL,
        /** Each query its own place and those before; there are as many queries as keys. */
        CAUSAL,
        /** Those that the bias leaves. */
        SOME
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
