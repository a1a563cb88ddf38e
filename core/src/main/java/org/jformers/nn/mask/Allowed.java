package org.jformers.nn.mask;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/**
 * What one mask allows, and what else is put to the scores of queries and keys.
 *
 * @param sight what the queries see
 * @param added scores to be added, if there are any
 * @param blind true for queries that are made to see nothing, [B, 1, T, 1], if the mask does so with padding
 * @param heads factor on the weights of each head, [N], if some heads count less than others
 */
public record Allowed(Sight sight, Optional<ScoreRows> added, Optional<Tensor> blind, Optional<Tensor> heads) {
    /** All queries see all keys. */
    public static final Allowed EVERYTHING =
            new Allowed(new Sight.Everything(), Optional.empty(), Optional.empty(), Optional.empty());

    /** The same with scores added; there are none yet. */
    public Allowed plus(ScoreRows scores) {
        return new Allowed(sight, Optional.of(scores), blind, heads);
    }

    /** The same with scores added, [1 or B, N, T, S]; there are none yet. */
    public Allowed plus(Tensor more_BNTS) {
        long queries = more_BNTS.size(2);
        long keys = more_BNTS.size(3);
        if (sight.bias().isEmpty() || sight.pieces(queries, keys).size() > 1) {
            return plus(new ScoreRows.Given(more_BNTS));
        }
        // One addition to the scores of each layer in place of two.
        Optional<Tensor> hidden = sight.bias().get().whole(new Span(0, queries), new Span(0, keys))
                .map(bias -> Tensors.beside(bias, more_BNTS));
        Sight open = hidden.isPresent() ? new Sight.Everything() : sight;
        return new Allowed(open, Optional.of(new ScoreRows.Given(hidden.map(more_BNTS::add).orElse(more_BNTS))), blind,
                heads);
    }

    /** The same with the added scores changed. */
    public Allowed with(UnaryOperator<Tensor> change) {
        return new Allowed(sight, added.map(scores -> scores.with(change)), blind, heads);
    }

    /** The same with a factor on the weights of each head, [N]. */
    public Allowed withHeads(Tensor factor_N) {
        return new Allowed(sight, added, blind, Optional.of(factor_N));
    }
}
