package org.jformers.nn.mask;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.mask.Piece.Cover;

/**
 * What the queries of a pass see of its keys, in the form from which the attention kernel takes its way: the masks of
 * model and batch put together.
 */
public sealed interface Sight {
    /** The pieces in which it is computed, which have each query once: row by row, the queries of a row in order. */
    List<Piece> pieces(long queries, long keys);

    /** What is hidden, for scores of all queries with all keys; empty if nothing is. */
    Optional<Bias> bias();

    /** All keys. */
    record Everything() implements Sight {
        @Override
        public List<Piece> pieces(long queries, long keys) {
            return List.of(new Piece(Span.ALL, new Span(0, queries), new Span(0, keys), Cover.ALL, Piece.NO_BIAS));
        }

        @Override
        public Optional<Bias> bias() {
            return Optional.empty();
        }
    }

    /** A square below its diagonal, all of it. */
    record Causal(Bias triangle) implements Sight {
        @Override
        public List<Piece> pieces(long queries, long keys) {
            return List.of(new Piece(Span.ALL, new Span(0, queries), new Span(0, keys), Cover.CAUSAL, triangle));
        }

        @Override
        public Optional<Bias> bias() {
            return Optional.of(triangle);
        }
    }

    /**
     * Keys within a distance, or all those before a query: each piece is some queries and the keys that one of them
     * sees.
     *
     * @param all what is hidden
     * @param parts the pieces
     * @param blind_B1T1 true for queries that see nothing and so get the mean of all values, which no piece has; empty
     *     if there is none
     */
    record Window(Bias all, List<Piece> parts, Optional<Tensor> blind_B1T1) implements Sight {
        @Override
        public List<Piece> pieces(long queries, long keys) {
            return parts;
        }

        @Override
        public Optional<Bias> bias() {
            return Optional.of(all);
        }
    }

    /**
     * The keys of the own document: each piece is a document or some short ones.
     *
     * @param all what is hidden
     * @param parts the pieces
     */
    record Segments(Bias all, List<Piece> parts) implements Sight {
        @Override
        public List<Piece> pieces(long queries, long keys) {
            return parts;
        }

        @Override
        public Optional<Bias> bias() {
            return Optional.of(all);
        }
    }

    /** Any keys. */
    record Dense(Bias all) implements Sight {
        @Override
        public List<Piece> pieces(long queries, long keys) {
            return List.of(new Piece(Span.ALL, new Span(0, queries), new Span(0, keys), Cover.SOME, all));
        }

        @Override
        public Optional<Bias> bias() {
            return Optional.of(all);
        }
    }
}
