package org.jformers.experiment;

import java.nio.file.Path;
import org.jformers.training.StepReport;
import org.jformers.training.TrainingCheckpoint;
import org.jformers.training.TrainingListener;
import org.jformers.training.TrainingLoop;

/**
 * Ends a run behind a step where the console asks for it, with a checkpoint to go on from.
 *
 * @param console says when to stop
 * @param folder the run folder
 * @param checkpoints where checkpoints go
 * @param keep how many to keep
 */
record StopListener(Console console, Path folder, Path checkpoints, int keep) implements TrainingListener {
    @Override
    public void afterStep(TrainingLoop loop, StepReport report) {
        if (console.stopRequested()) {
            TrainingCheckpoint.save(checkpoints, loop.parts(), loop.progress(), keep);
            throw new RunStopped(String.format("stopped after step %,d, which is saved; go on with: %s",
                    report.step(), ExperimentRun.resumeCommand(folder)));
        }
    }
}
