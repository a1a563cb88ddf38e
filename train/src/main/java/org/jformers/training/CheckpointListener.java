package org.jformers.training;

import java.nio.file.Path;

/** Writes a checkpoint every so many steps and at the end, and keeps the newest ones. */
public final class CheckpointListener implements TrainingListener {
    private final Path folder;
    private final int every;
    private final int keep;
    private boolean unsaved;

    /**
     * @param folder where checkpoints go
     * @param every steps between checkpoints, >= 1
     * @param keep how many to keep, >= 1
     */
    public CheckpointListener(Path folder, int every, int keep) {
        this.folder = folder;
        this.every = every;
        this.keep = keep;
    }

    @Override
    public void afterStep(TrainingLoop loop, StepReport report) {
        unsaved = true;
        if (report.step() % every == 0) {
            save(loop);
        }
    }

    @Override
    public void afterTraining(TrainingLoop loop) {
        if (unsaved) {
            save(loop);
        }
    }

    private void save(TrainingLoop loop) {
        TrainingCheckpoint.save(folder, loop.parts(), loop.progress(), keep);
        unsaved = false;
    }
}
