package org.jformers.training;

import java.util.Map;

/**
 * What one optimizer step did.
 *
 * @param step number of steps done, this one included
 * @param loss what was made small: the sum of the terms
 * @param terms the parts of the loss by name, each with its weight; per label, or per batch, as the objective counts
 * @param learningRate the rate of this step
 * @param gradientNorm joint norm of the gradients before clipping
 * @param labels labels of this step that carry a loss
 * @param seconds wall-clock time of this step, waiting for data included
 */
public record StepReport(
        long step,
        double loss,
        Map<String, Double> terms,
        double learningRate,
        double gradientNorm,
        long labels,
        double seconds) {

    /** Whether nothing was changed, since the loss or the gradients are no numbers. */
    public boolean skipped() {
        return !Double.isFinite(loss) || !Double.isFinite(gradientNorm);
    }
}
