package org.jformers.training;

/**
 * What one optimizer step did.
 *
 * @param step number of steps done, this one included
 * @param loss mean loss per labelled token, in nats
 * @param learningRate the rate of this step
 * @param gradientNorm joint norm of the gradients before clipping
 * @param tokens labelled tokens of this step
 * @param seconds wall-clock time of this step, waiting for data included
 */
public record StepReport(
        long step, double loss, double learningRate, double gradientNorm, long tokens, double seconds) {}
