package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jformers.training.TrainingCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that is told to end saves itself, says where it is and how it goes on, and goes on. */
final class InterruptionTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"INT, 130, 80", "TERM, 143, 0"})
    void savesAndSaysHowToGoOn(String signal, int exitCode, int columns) throws Exception {
        assumeFalse(signal.equals("INT") && ignoresInterrupts());
        Path run = folder.resolve("run");
        Child child = Child.start(
                Map.of(), List.of("-Djformers.columns=" + columns), QuickRun.arguments(folder, "100000000"));
        Path log = run.resolve("metrics.jsonl");
        while (child.alive() && !(Files.exists(log) && Files.readAllLines(log).size() > 2)) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        child.signal(signal);
        Run ended = child.end();
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(exitCode);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).contains("\nrun folder " + run + "\n")
                .containsPattern("\ninterrupted: saving behind this step\n|\rinterrupted|\u001b\\[Kinterrupted")
                .containsPattern("\nstopped after step [\\d,]+, which is saved; go on with: "
                        + "./jformers train --resume \\Q" + run + "\\E\n$");
        Path checkpoint = TrainingCheckpoint.newest(run.resolve("checkpoints")).orElseThrow();
        long step = TrainingCheckpoint.progress(checkpoint).step();
        Run refused = Run.jformers("train", "--resume", run.toString(), "--set", "training.steps=" + (step - 1));
        assertThat(refused.err()).endsWith("training.steps: got " + (step - 1) + ", allowed >= " + step
                + ", the steps that the run in " + run + " has taken\n");
        Run resumed = Run.jformers("train", "--resume", run.toString(), "--set", "training.steps=" + (step + 2));
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains(String.format("resumed from step %,d\n", step))
                .contains(String.format("trained %,d steps", step + 2));
        assertThat(Files.readString(run.resolve("experiment.json"))).contains("\"steps\" : " + (step + 2));
    }

    /** What a shell starts in the background never hears of Ctrl-C, nor do its children. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status) && Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    }

    @Test
    void refusesToChangeWhatACheckpointMeans() throws IOException {
        Path run = folder.resolve("run");
        assertThat(Run.jformers(QuickRun.arguments(folder, "1")).exitCode()).isZero();
        String before = Files.readString(run.resolve("experiment.json"));
        for (String setting : List.of("model.config.d_model=16", "seed=2", "task.data.test_rows=6",
                "task.batches.tokens=256",
                "optimizer.kind=adam", "task.tokenizer.source=symbols", "name=other")) {
            Run refused = Run.jformers("train", "--resume", run.toString(), "--set", setting);
            assertThat(refused).isEqualTo(new Run(1, "", "jformers: run folder: got another "
                    + setting.substring(0, setting.indexOf('=')) + " for a run that goes on, allowed: settings under"
                    + " training., schedule., task.evaluation., records. in " + run + "\n"));
        }
        assertThat(Run.jformers("train", "--resume", run.toString(), "--set", "nosuch=1").err())
                .contains("unknown setting nosuch");
        assertThat(Files.readString(run.resolve("experiment.json"))).isEqualTo(before);
    }

    @Test
    void saysThatARunWithoutCheckpointBeginsAnew() throws Exception {
        Path run = folder.resolve("run");
        assertThat(Run.jformers(QuickRun.arguments(folder, "1")).exitCode()).isZero();
        Path checkpoint = TrainingCheckpoint.newest(run.resolve("checkpoints")).orElseThrow();
        Files.move(checkpoint, folder.resolve("elsewhere"));
        Run resumed = Run.jformers("train", "--resume", run.toString());
        assertThat(resumed.exitCode()).isZero();
        assertThat(resumed.err()).startsWith("no checkpoint to go on from: the run begins anew\n")
                .contains("\nrun folder " + run + "\n");
    }
}
