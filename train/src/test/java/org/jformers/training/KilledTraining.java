package org.jformers.training;

import java.nio.file.Path;
import org.jformers.tensor.Precision;

/** A training process that {@link KillTest} starts and kills: goes on from the newest checkpoint, saves every step. */
final class KilledTraining {
    static final int STEPS = 150;

    private KilledTraining() {}

    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        try (TinyRun run = new TinyRun(TinyRun.Kind.ENCODER_DECODER)) {
            TrainingCheckpoint.newest(folder).ifPresent(run::restore);
            run.train(TinyRun.settings(STEPS, Precision.FLOAT32), new CheckpointListener(folder, 1, 2));
        }
    }
}
