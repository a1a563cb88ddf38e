package org.jformers.pipeline;

/**
 * A label and its score.
 *
 * @param label its name in the config
 * @param score a probability in [0, 1], or the model's own score where no function made one of it
 */
public record Label(String label, double score) {}
