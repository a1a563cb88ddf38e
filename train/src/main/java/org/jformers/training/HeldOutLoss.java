package org.jformers.training;

import java.util.OptionalDouble;

/**
 * How well a model predicts what it never saw.
 *
 * @param loss mean loss per labelled token, in nats
 * @param accuracy share of the labelled tokens that have the highest score; empty where the model does not tell
 */
public record HeldOutLoss(double loss, OptionalDouble accuracy) {}
