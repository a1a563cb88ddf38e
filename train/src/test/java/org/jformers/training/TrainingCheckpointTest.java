package org.jformers.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.Parameter;
import org.jformers.tensor.Precision;
import org.jformers.training.TinyRun.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainingCheckpointTest {
    private static final TrainingSettings SIX = TinyRun.settings(6, Precision.FLOAT32);

    @TempDir
    private Path folder;

    @Test
    void keepsTheNewest() throws IOException {
        try (TinyRun run = new TinyRun(Kind.DECODER)) {
            run.train(TinyRun.settings(7, Precision.FLOAT32), new CheckpointListener(folder, 2, 2));
            assertThat(names()).containsExactly("checkpoint-000000006", "checkpoint-000000007");
            assertThat(TrainingCheckpoint.newest(folder)).contains(folder.resolve("checkpoint-000000007"));
        }
    }

    @Test
    void isAModelFolder() throws IOException {
        try (TinyRun run = new TinyRun(Kind.ENCODER_DECODER)) {
            run.train(SIX, new CheckpointListener(folder, 6, 1));
            Path checkpoint = TrainingCheckpoint.newest(folder).orElseThrow();
            assertThat(names(checkpoint))
                    .containsExactly("config.json", "model.safetensors", "optimizer.safetensors", "progress.json",
                        "states.json");
            try (Model model = AutoModel.load(checkpoint)) {
                assertThat(model.network().parameterCount())
                        .isEqualTo(run.model().network().parameterCount());
            }
        }
    }

    @Test
    void findsNoneWhereThereIsNone() throws IOException {
        assertThat(TrainingCheckpoint.newest(folder.resolve("none"))).isEmpty();
        assertThat(TrainingCheckpoint.newest(folder)).isEmpty();
        Files.createDirectories(folder.resolve(".checkpoint-000000009.unfinished"));
        assertThat(TrainingCheckpoint.newest(folder)).isEmpty();
    }

    @Test
    void removesWhatKilledSavesLeft() throws IOException {
        for (String left : List.of("checkpoint-000000002.unfinished", "checkpoint-000000099.unfinished",
                "checkpoint-000000001.removed")) {
            Path half = Files.createDirectories(folder.resolve("." + left));
            Files.writeString(half.resolve("model.safetensors"), "half");
            Files.writeString(half.resolve(".optimizer.safetensors.0000.tmp"), "half");
        }
        Files.writeString(folder.resolve("notes.txt"), "somebody's own");
        try (TinyRun run = new TinyRun(Kind.DECODER)) {
            run.train(SIX, new CheckpointListener(folder, 2, 1));
            assertThat(names()).containsExactly("checkpoint-000000006", "notes.txt");
        }
    }

    @Test
    void replacesACheckpointOfTheSameStep() throws IOException {
        try (TinyRun run = new TinyRun(Kind.DECODER)) {
            Path first = TrainingCheckpoint.save(folder, run.parts(), run.progress(), 1);
            Files.writeString(first.resolve("left-over"), "of the first");
            Path second = TrainingCheckpoint.save(folder, run.parts(), run.progress(), 1);
            assertThat(second).isEqualTo(first);
            assertThat(names(second)).doesNotContain("left-over").hasSize(5);
            assertThat(names()).hasSize(1);
        }
    }

    @Test
    void leavesACompleteRunAlone() throws IOException {
        try (TinyRun run = new TinyRun(Kind.DECODER); TinyRun again = new TinyRun(Kind.DECODER)) {
            run.train(SIX, new CheckpointListener(folder, 4, 1));
            Path checkpoint = TrainingCheckpoint.newest(folder).orElseThrow();
            Object written = Files.getLastModifiedTime(checkpoint.resolve("progress.json"));
            List<Long> measured = new ArrayList<>();
            again.restore(checkpoint);
            again.train(SIX, new CheckpointListener(folder, 4, 1), new ValidationListener(
                    4, again.examples().evaluationBatches(), (loop, figures) -> measured.add(loop.progress().step())));
            assertThat(again.losses).isEmpty();
            assertThat(measured).isEmpty();
            assertThat(Files.getLastModifiedTime(checkpoint.resolve("progress.json"))).isEqualTo(written);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "optimizer.safetensors", "progress.json"})
    void saysWhichCheckpointIsDamaged(String file) throws IOException {
        try (TinyRun run = new TinyRun(Kind.DECODER)) {
            run.train(SIX, new CheckpointListener(folder, 3, 2));
            Path newest = TrainingCheckpoint.newest(folder).orElseThrow();
            Path damaged = newest.resolve(file);
            byte[] bytes = Files.readAllBytes(damaged);
            Files.write(damaged, Arrays.copyOf(bytes, bytes.length / 2));
            assertThatThrownBy(() -> run.restore(newest)).isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith("checkpoint: ").hasMessageContaining(file)
                    .hasMessageEndingWith("; remove " + newest + " to go on from the one before")
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
            Files.delete(damaged);
            assertThatThrownBy(() -> run.restore(newest)).isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("; remove " + newest);
            run.restore(folder.resolve("checkpoint-000000003"));
            assertThat(run.progress().step()).isEqualTo(3);
        }
    }

    @Test
    void refusesTheCheckpointOfAnotherModel() {
        try (TinyRun run = new TinyRun(Kind.DECODER); TinyRun other = new TinyRun(Kind.ENCODER_DECODER)) {
            Path checkpoint = TrainingCheckpoint.save(folder, run.parts(), run.progress(), 1);
            assertThatThrownBy(() -> other.restore(checkpoint)).isInstanceOf(JformersException.class)
                    .hasMessageContaining("the checkpoint does not fit the model");
        }
    }

    @Test
    void saysInOneLineThatItCannotBeWritten() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        try (TinyRun run = new TinyRun(Kind.DECODER)) {
            assertThatThrownBy(() -> TrainingCheckpoint.save(file, run.parts(), run.progress(), 1))
                    .isInstanceOf(CheckpointException.class).hasMessageContaining(file.toString())
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
        }
    }

    @Test
    void leavesNothingHalfWhereTheDiskIsFull() throws IOException {
        try (TinyRun run = new TinyRun(Kind.DECODER)) {
            Path before = TrainingCheckpoint.save(folder, run.parts(), run.progress(), 2);
            TrainingProgress later = new TrainingProgress(1, 1, 1, 1, 0);
            assertThatThrownBy(() -> TrainingCheckpoint.save(folder, onAFullDisk(run, 0), later, 2))
                    .isInstanceOf(CheckpointException.class).hasMessage("No space left on device");
            assertThat(names()).containsExactly("checkpoint-000000000");
            assertThat(TrainingCheckpoint.newest(folder)).contains(before);
        }
    }

    /** The error of a save beside the training comes out once: where the next save would begin, or at the end. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void endsTheRunWhereASaveFails(int every) throws IOException {
        try (TinyRun run = new TinyRun(Kind.ADAPTED_DECODER)) {
            Path before = TrainingCheckpoint.save(folder, run.parts(), run.progress(), 2);
            List<Long> steps = new ArrayList<>();
            TrainingListener listener = new TrainingListener() {
                @Override
                public void afterStep(TrainingLoop loop, StepReport report) {
                    steps.add(report.step());
                }
            };
            assertThatThrownBy(() -> {
                try (CheckpointListener saves = new CheckpointListener(folder, every, 2)) {
                    new TrainingLoop(onAFullDisk(run, 0), run.examples().evaluationBatches().iterator(),
                                    TinyRun.settings(4, Precision.FLOAT32), List.of(listener, saves),
                                    TrainingProgress.START)
                            .run();
                }
            }).isInstanceOf(CheckpointException.class).hasMessage("No space left on device")
                    .hasNoSuppressedExceptions();
            assertThat(steps).containsExactly(1L, 2L, 3L, 4L);
            assertThat(names()).containsExactly("checkpoint-000000000");
            run.restore(before);
            assertThat(run.progress().step()).isZero();
        }
    }

    /** What has no room is not begun, and what was there stays. */
    @Test
    void asksForRoomFirst(@TempDir Path folder) {
        try (TinyRun run = new TinyRun(Kind.DECODER)) {
            Path first = TrainingCheckpoint.save(folder, run.parts(), run.progress(), 1);
            TrainingProgress later = new TrainingProgress(7, 1, 1, 1, 0);
            assertThatThrownBy(() ->
                    TrainingCheckpoint.save(folder, onAFullDisk(run, Long.MAX_VALUE / 2), later, 1))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageMatching("checkpoint: got [0-9,]{20,} bytes to write, allowed [0-9,]+, which are free,"
                            + " in .*checkpoint-000000007");
            assertThat(folder).isDirectoryContaining(path -> path.equals(first));
            assertThat(folder.toFile().list()).hasSize(1);
        }
    }

    private static TrainingLoop.Parts onAFullDisk(TinyRun run, long bytes) {
        TrainingLoop.Parts parts = run.parts();
        return new TrainingLoop.Parts(
                new FullDisk(parts.trained(), bytes), parts.objective(), parts.optimizer(), parts.schedule());
    }

    /** Has room for the parameters and for nothing after them. */
    private record FullDisk(Trainable trained, long bytes) implements Trainable {
        @Override
        public Snapshot snapshot() {
            Snapshot snapshot = trained.snapshot();
            return new Snapshot() {
                @Override
                public long bytes() {
                    return bytes;
                }

                @Override
                public void write(Path folder) {
                    snapshot.write(folder);
                    throw new CheckpointException("No space left on device");
                }

                @Override
                public void close() {
                    snapshot.close();
                }
            };
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

    private List<String> names() throws IOException {
        return names(folder);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
