package org.jformers.pipeline;

import java.util.OptionalInt;

/**
 * A token of a text and what the model says of it.
 *
 * @param word the token as written in the vocabulary, or as in the text if it is unknown
 * @param scores probability of each label
 * @param index which token it is, those of the template counted
 * @param start where it begins in the text, in code points
 * @param end where it ends
 * @param continues whether it goes on a word
 */
record TokenScores(String word, float[] scores, int index, OptionalInt start, OptionalInt end, boolean continues) {

    /** The label with the largest score, the first of several. */
    int best() {
        return best(scores);
    }

    static int best(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }
}
