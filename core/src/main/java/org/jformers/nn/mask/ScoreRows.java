package org.jformers.nn.mask;

import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Scores that are added to those of queries with keys, as relative positions give them, for some queries at a time. */
public sealed interface ScoreRows {
    /** Those of some queries with all keys, [1 or B, N, T, S]. */
    Tensor of(Span queries);

    /** The same with the scores changed, if they are there. */
    default ScoreRows with(UnaryOperator<Tensor> change) {
        return this;
    }

    /** Scores that are there at once. */
    record Given(Tensor score_BNTS) implements ScoreRows {
        @Override
        public Tensor of(Span queries) {
            return queries.of(score_BNTS, 2);
        }

        @Override
        public ScoreRows with(UnaryOperator<Tensor> change) {
            return new Given(change.apply(score_BNTS));
        }
    }

    /** Scores that are made for those that ask, since all of them would be too much. */
    record Made(Function<Span, Tensor> making) implements ScoreRows {
        @Override
        public Tensor of(Span queries) {
            return making.apply(queries);
        }
    }
}
