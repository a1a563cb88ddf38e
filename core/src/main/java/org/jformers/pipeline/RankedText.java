package org.jformers.pipeline;

/**
 * How well a text fits a query.
 *
 * @param index which of the given texts it is, from 0
 * @param text the text
 * @param score larger is better; what the model's configuration makes of its output
 */
public record RankedText(int index, String text, double score) {}
