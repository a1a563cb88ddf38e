package org.jformers.experiment;

import org.jformers.training.StepReport;
import org.jformers.training.TrainingListener;
import org.jformers.training.TrainingLoop;

/**
 * Ends a run behind a step where the console asks for it.
 *
 * @param console says when to stop
 */
record StopListener(Console console) implements TrainingListener {
    @Override
    public void afterStep(TrainingLoop loop, StepReport report) {
        if (console.stopRequested()) {
            loop.stop();
        }
    }
}
