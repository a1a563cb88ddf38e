package org.jformers.pipeline;

import java.util.List;

/**
 * What a model makes of the tokens of a text.
 *
 * @param tokens the tokens as written in the vocabulary, those of the template included
 * @param vectors the last hidden state, [T][C]
 */
public record Features(List<String> tokens, float[][] vectors) {
    /** The tokens and how many numbers stand for each. */
    @Override
    public String toString() {
        return "Features[tokens=" + tokens + ", vectors=" + vectors.length + " x "
                + (vectors.length == 0 ? 0 : vectors[0].length) + "]";
    }
}
