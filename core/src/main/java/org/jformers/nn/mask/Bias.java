package org.jformers.nn.mask;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Tensors;

/**
 * What keeps queries from keys, added to their scores: 0 where one may see the other, and the lowest number where not.
 * The scores of a query that may see nothing become all the same, so that it gets the mean of all values.
 */
public sealed interface Bias {
    /** Numbers that may be there at once. */
    long CELLS = 1L << 24;

    /** That of some rows, queries and keys, [1 or B, 1, 1 or T, S]. */
    Tensor of(Span rows, Span queries, Span keys);

    /** That of all rows and these queries and keys at once, unless it would be too much. */
    Optional<Tensor> whole(Span queries, Span keys);

    /**
     * There at once.
     *
     * @param bias for all rows, these queries and keys
     */
    record Whole(Tensor bias, Span queries, Span keys) implements Bias {
        @Override
        public Tensor of(Span rows, Span someQueries, Span someKeys) {
            Tensor ofQueries = someQueries.from(queries.start()).of(rows.of(bias, 0), 2);
            return someKeys.from(keys.start()).of(ofQueries, 3);
        }

        @Override
        public Optional<Tensor> whole(Span someQueries, Span someKeys) {
            return Optional.of(of(Span.ALL, someQueries, someKeys));
        }
    }

    /** None, where all is seen: 0 for each. */
    record None() implements Bias {
        @Override
        public Tensor of(Span rows, Span queries, Span keys) {
            return Tensors.ofFloats(new float[1], 1, 1, 1, 1);
        }

        @Override
        public Optional<Tensor> whole(Span queries, Span keys) {
            return Optional.of(of(Span.ALL, queries, keys));
        }
    }

    /**
     * Made anew for those that ask.
     *
     * @param pairs who may see whom
     * @param type of the scores
     */
    record Made(Pairs pairs, ScalarType type) implements Bias {
        @Override
        public Tensor of(Span rows, Span queries, Span keys) {
            return pairs.allow(rows, queries, keys)
                    .map(allow -> torch.zeros_like(allow).to(type).masked_fill_(allow.logical_not(), lowest(type)))
                    .orElseGet(() -> Tensors.ofFloats(new float[1], 1, 1, 1, 1).to(type));
        }

        @Override
        public Optional<Tensor> whole(Span queries, Span keys) {
            return pairs.cells(queries, keys) > CELLS
                    ? Optional.empty()
                    : Optional.of(of(Span.ALL, queries, keys));
        }

        /** Finite, so that a query without any key stays a number, in the backward pass too. */
        private static Scalar lowest(ScalarType type) {
            return new Scalar(
                    type == ScalarType.Half ? -6e4 : type == ScalarType.BFloat16 ? -3.3e38 : -3.4028234663852886e38);
        }
    }
}
