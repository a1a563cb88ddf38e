package org.jformers.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * How wrong a model is on a batch, as terms that are divided each by a count of its own over all batches of a step. The
 * tensors are the caller's scope's.
 *
 * @param terms what is made small, the model's own loss first
 */
public record Loss(List<Term> terms) {
    /** The name of a model's own loss; its count is that of its labels. */
    public static final String MAIN = "loss";

    public Loss {
        terms = List.copyOf(terms);
    }

    /**
     * One term.
     *
     * @param name what it is, as it is logged
     * @param sum float32 scalar, the sum over what is counted
     * @param weight factor of the term in what is made small
     * @param right how many of what is counted have the highest score, an int64 scalar; only where no gradients are
     *     recorded, since looking for it takes time, and of heads that can tell
     */
    public record Term(String name, Tensor sum, double weight, Optional<Tensor> right) {}

    /** The sum of a model's own loss over its labels. */
    public static Loss of(Tensor sum, Optional<Tensor> right) {
        return new Loss(List.of(new Term(MAIN, sum, 1, right)));
    }

    /** The sum of the model's own loss over its labels, a float32 scalar. */
    public Tensor main() {
        return terms.get(0).sum();
    }

    /** How many of the model's own labels are right, if it is told. */
    public Optional<Tensor> right() {
        return terms.get(0).right();
    }

    /** The same with one more term, a mean over the batch, whose count is one for each batch. */
    public Loss plus(String name, Tensor mean, double weight) {
        return plus(new Term(name, mean, weight, Optional.empty()));
    }

    /** The same with one more term. */
    public Loss plus(Term term) {
        List<Term> more = new ArrayList<>(terms);
        more.add(term);
        return new Loss(more);
    }
}
