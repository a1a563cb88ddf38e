package org.jformers.generation;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Scores led away from those that the same new tokens get behind another prompt: each sequence has a second one, with
 * that prompt, which is read beside it. Source: arXiv:2306.17806, 3.
 *
 * <p>Dimensions: R sequences that are read, V vocabulary.
 *
 * @param scale 1 for the scores as they are, more to go further away
 * @param prompt the other prompt; the last token of the prompt if empty
 */
record Guidance(double scale, Optional<List<Integer>> prompt) {

    /** Gives a sequence its second one. */
    Strand lead(Strand strand) {
        int[] own = strand.prompt();
        strand.compareWith(prompt
                .map(tokens -> tokens.stream().mapToInt(Integer::intValue).toArray())
                .orElseGet(() -> new int[] {own[own.length - 1]}));
        return strand;
    }

    /** How many tokens the other prompt has. */
    int length() {
        return prompt.map(List::size).orElse(1);
    }

    /** Scores [2R, V], those of the second sequences behind the others, to scores [R, V]. */
    Tensor guided(Tensor scores_2RV) {
        Tensor log_2RV = scores_2RV.log_softmax(-1);
        long rows = log_2RV.size(0) / 2;
        Tensor other_RV = log_2RV.narrow(0, rows, rows);
        return log_2RV.narrow(0, 0, rows).sub(other_RV).mul_(new Scalar(scale)).add_(other_RV);
    }
}
