package org.jformers.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jformers.tensor.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A training process that is killed at any moment. */
final class KillTest {
    static final int KILLED = 137;
    private static final int KILLS = 3;

    @TempDir
    private Path folder;

    @Test
    void endsWithTheWeightsOfAnUninterruptedRunHoweverOftenItIsKilled() throws Exception {
        Random random = new Random();
        Path checkpoints = folder.resolve("checkpoints");
        long step = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = start(checkpoints);
            long before = step;
            while (process.isAlive() && newestStep(checkpoints) <= before) {
                TimeUnit.MILLISECONDS.sleep(2);
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(60));
            process.destroyForcibly().waitFor(); // SIGKILL: nothing of the process runs any more
            try (TinyRun run = new TinyRun(TinyRun.Kind.ENCODER_DECODER)) {
                run.restore(TrainingCheckpoint.newest(checkpoints).orElseThrow());
                step = run.progress().step();
                assertThat(step).isGreaterThan(before);
            }
        }
        assertThat(start(checkpoints).waitFor()).as(Files.readString(log())).isZero();
        try (TinyRun straight = new TinyRun(TinyRun.Kind.ENCODER_DECODER);
                TinyRun killed = new TinyRun(TinyRun.Kind.ENCODER_DECODER)) {
            straight.train(TinyRun.settings(KilledTraining.STEPS, Precision.FLOAT32));
            killed.restore(TrainingCheckpoint.newest(checkpoints).orElseThrow());
            assertThat(killed.progress().step()).isEqualTo(KilledTraining.STEPS);
            assertThat(killed.bits()).isEqualTo(straight.bits());
        }
        assertThat(names(checkpoints)).containsExactly("checkpoint-000000149", "checkpoint-000000150");
    }

    /** While training goes on, with parts frozen or adapted and several batches to a step. */
    @ParameterizedTest
    @EnumSource(value = TinyRun.Kind.class, names = {"FROZEN_ENCODER", "ADAPTED_DECODER"})
    void goesOnFromTheCheckpointBeforeTheOneThatWasBeingWritten(TinyRun.Kind kind) throws Exception {
        Path checkpoints = folder.resolve("checkpoints");
        assertThat(start(checkpoints, kind.name()).waitFor()).as(Files.readString(log())).isEqualTo(KILLED);
        assertThat(names(checkpoints)).containsExactly(
                ".checkpoint-000000015.unfinished", "checkpoint-000000005", "checkpoint-000000010");
        assertThat(names(checkpoints.resolve(".checkpoint-000000015.unfinished"))).contains("model.safetensors")
                .doesNotContain("optimizer.safetensors");
        try (TinyRun straight = new TinyRun(kind)) {
            straight.train(KilledTraining.TWO_BATCHES);
            try (TinyRun killed = new TinyRun(kind)) {
                killed.restore(TrainingCheckpoint.newest(checkpoints).orElseThrow());
                assertThat(killed.progress().step()).isEqualTo(10);
                killed.train(KilledTraining.TWO_BATCHES, new CheckpointListener(checkpoints, 5, 2));
                assertThat(killed.losses).isEqualTo(straight.losses.subList(10, 30));
                assertThat(killed.bits()).isEqualTo(straight.bits());
            }
        }
        assertThat(names(checkpoints)).containsExactly("checkpoint-000000025", "checkpoint-000000030");
    }

    private Process start(Path checkpoints, String... kind) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
        // The same library for matrix products as here: another rounds differently.
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("org.bytedeco."))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(List.of(KilledTraining.class.getName(), checkpoints.toString()));
        command.addAll(List.of(kind));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
    }

    private Path log() {
        return folder.resolve("log");
    }

    private static long newestStep(Path checkpoints) {
        Optional<Path> newest = TrainingCheckpoint.newest(checkpoints);
        return newest.map(path -> Long.parseLong(path.getFileName().toString().substring("checkpoint-".length())))
                .orElse(0L);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
