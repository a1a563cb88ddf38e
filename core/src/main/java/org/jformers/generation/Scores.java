package org.jformers.generation;

import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.tensor.Tensors;

/** Scores that a choice can be made of. */
final class Scores {
    private Scores() {}

    /**
     * Refuses rows that hold something that is no number, and where tokens are drawn those without a finite best score:
     * no probabilities can be made of them.
     *
     * @param scores_BX what is chosen from, a row per choice
     * @param drawn whether tokens are drawn
     * @param place number of the new token, from 1 on
     */
    static void require(Tensor scores_BX, boolean drawn, int place) {
        // A maximum is no number as soon as one of its row is none.
        for (float best : Tensors.toFloats(scores_BX.amax(new long[] {-1}, false))) {
            if (Float.isNaN(best)) {
                throw new JformersException("generation: got scores that are no numbers (NaN) at new token " + place
                        + ", allowed numbers: weights or inputs of the model have NaN or infinity, or its sums exceed"
                        + " what their number format holds");
            }
            if (drawn && Float.isInfinite(best)) {
                throw new JformersException("generation: got " + (best > 0
                        ? "infinite scores at new token " + place + ", allowed finite ones to draw from: temperature"
                                + " or a penalty makes them too large"
                        : "no token to draw from at new token " + place + ", allowed at least one: the settings rule"
                                + " all of them out"));
            }
        }
    }
}
