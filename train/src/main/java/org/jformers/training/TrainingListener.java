package org.jformers.training;

/**
 * Looks on while a model trains: progress, logs, checkpoints, evaluation. Called on the training thread; may end the
 * run with {@link TrainingLoop#stop}.
 */
public interface TrainingListener {

    /** After each optimizer step. */
    default void afterStep(TrainingLoop loop, StepReport report) {}

    /** After the last step. */
    default void afterTraining(TrainingLoop loop) {}
}
