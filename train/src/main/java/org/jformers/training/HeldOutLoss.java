package org.jformers.training;

import java.util.OptionalDouble;

/**
 * How well a model predicts what it never saw.
 *
 * @param loss mean loss per label, in nats: the model's own, without what is added in training
 * @param accuracy share of the labels that have the highest score; empty where the model does not tell
 */
public record HeldOutLoss(double loss, OptionalDouble accuracy) {}
