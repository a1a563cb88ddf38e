package org.jformers.generation;

/**
 * End tokens become likelier with each token beyond a number of new ones; {@code exponential_decay_length_penalty}.
 *
 * @param after how many new tokens it begins
 * @param factor whose power is the gain, 1 for none
 */
public record LengthDecay(int after, double factor) {}
