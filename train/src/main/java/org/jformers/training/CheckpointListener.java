package org.jformers.training;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Saves a checkpoint every so many steps and at the end, and keeps the newest ones. What is to be saved is copied in
 * the step and written on another thread; one save at a time. Closing it waits for the last one, also where the run
 * failed.
 */
public final class CheckpointListener implements TrainingListener, AutoCloseable {
    private final Path folder;
    private final int every;
    private final int keep;
    private final List<? extends Stateful> stateful;
    private CompletableFuture<Path> writing = CompletableFuture.completedFuture(null);
    private boolean unsaved;

    /**
     * @param folder where checkpoints go
     * @param every steps between checkpoints, >= 1
     * @param keep how many to keep, >= 1
     * @param stateful further parts of the run whose state is saved along
     */
    public CheckpointListener(Path folder, int every, int keep, List<? extends Stateful> stateful) {
        this.folder = folder;
        this.every = every;
        this.keep = keep;
        this.stateful = List.copyOf(stateful);
    }

    /** Without further parts. */
    public CheckpointListener(Path folder, int every, int keep) {
        this(folder, every, keep, List.of());
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
        await();
    }

    private void save(TrainingLoop loop) {
        await();
        TrainingCheckpoint.Copy copy = TrainingCheckpoint.copy(loop.parts(), stateful, loop.progress());
        writing = CompletableFuture.supplyAsync(() -> {
            try (copy) {
                return copy.write(folder, keep);
            }
        }, task -> new Thread(task, "checkpoint-writer").start());
        unsaved = false;
    }

    @Override
    public void close() {
        await();
    }

    /** The failure of a save comes out once, where the next one would begin. */
    private void await() {
        CompletableFuture<Path> last = writing;
        writing = CompletableFuture.completedFuture(null);
        try {
            last.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
