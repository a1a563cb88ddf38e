package org.jformers.pipeline;

import java.util.List;

/**
 * What a model makes of the tokens of a text.
 *
 * @param tokens the tokens as written in the vocabulary, those of the template included
 * @param vectors the last hidden state, [T][C]
 */
public record Features(List<String> tokens, float[][] vectors) {}
