package org.jformers.training;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jformers.data.BatchStream;
import org.jformers.nn.Parameter;
import org.jformers.tensor.Precision;

/** Training processes that {@link KillTest} starts and kills: they go on from the newest checkpoint. */
final class KilledTraining {
    static final int STEPS = 150;
    static final int HALTED_SAVE = 15;
    static final TrainingSettings TWO_BATCHES = TinyRun.settings(30, Precision.FLOAT32, 2);

    private KilledTraining() {}

    /**
     * @param arguments the folder of checkpoints; and, for one that ends by itself in the middle of a save, the kind of
     *     run
     */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        if (arguments.length == 1) {
            saveEveryStep(folder);
        } else {
            endWithinASave(folder, TinyRun.Kind.valueOf(arguments[1]));
        }
    }

    private static void saveEveryStep(Path folder) {
        try (TinyRun run = new TinyRun(TinyRun.Kind.ENCODER_DECODER)) {
            TrainingCheckpoint.newest(folder).ifPresent(run::restore);
            run.train(TinyRun.settings(STEPS, Precision.FLOAT32), new CheckpointListener(folder, 1, 2));
        }
    }

    /** Saves every fifth step. The third save ends the process when the step behind it is done. */
    private static void endWithinASave(Path folder, TinyRun.Kind kind) {
        CountDownLatch stepBehind = new CountDownLatch(1);
        TrainingListener listener = new TrainingListener() {
            @Override
            public void afterStep(TrainingLoop loop, StepReport report) {
                if (report.step() == HALTED_SAVE + 1) {
                    stepBehind.countDown();
                }
            }
        };
        try (TinyRun run = new TinyRun(kind)) {
            TrainingLoop.Parts parts = run.parts();
            new TrainingLoop(
                            new TrainingLoop.Parts(new Halting(parts.trained(), stepBehind), parts.objective(),
                                    parts.optimizer(), parts.schedule()),
                            new BatchStream(run.examples(), TinyRun.SEED), TWO_BATCHES,
                            List.of(new CheckpointListener(folder, 5, 2), listener), TrainingProgress.START)
                    .run();
        }
    }

    /** Ends the process between the parameters and the optimizer of a checkpoint. */
    private record Halting(Trainable trained, CountDownLatch stepBehind) implements Trainable {
        @Override
        public Snapshot snapshot() {
            Snapshot snapshot = trained.snapshot();
            return new Snapshot() {
                @Override
                public long bytes() {
                    return 0;
                }

                @Override
                public void write(Path folder) {
                    snapshot.write(folder);
                    if (folder.getFileName().toString().contains("-0000000" + HALTED_SAVE)) {
                        await();
                        Runtime.getRuntime().halt(KillTest.KILLED);
                    }
                }

                @Override
                public void close() {
                    snapshot.close();
                }
            };
        }

        private void await() {
            try {
                stepBehind.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Map<String, Parameter> parameters() {
            return trained.parameters();
        }

        @Override
        public void train(boolean on) {
            trained.train(on);
        }

        @Override
        public boolean training() {
            return trained.training();
        }

        @Override
        public void restore(Path folder) {
            trained.restore(folder);
        }
    }
}
