package org.jformers.text.training;

/** Hears how far a training has come; called from the training thread. */
@FunctionalInterface
public interface TrainingProgress {
    /** Nobody listens. */
    TrainingProgress SILENT = (stage, done, total) -> {};

    /** What a training does, in this order. */
    enum Stage {
        /** Counting words; the total is not known. */
        COUNTING,
        /** Learning tokens; the total is the size of the vocabulary. */
        LEARNING
    }

    /**
     * Reports progress.
     *
     * @param done texts counted, or tokens learned
     * @param total the end of the stage, 0 if it is not known
     */
    void update(Stage stage, long done, long total);
}
