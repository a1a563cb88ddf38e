package org.jformers.pipeline;

import java.util.List;

/**
 * Where a model looked in the source while it wrote the target.
 *
 * @param source tokens of the source as written in the vocabulary
 * @param target tokens of the target, the end token included
 * @param weights per layer, head, target token and source token; what was looked at when that target token was chosen
 */
public record AttentionMap(List<String> source, List<String> target, float[][][][] weights) {}
