package org.jformers.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.ExperimentRun;
import org.jformers.pipeline.TextGeneration;
import org.jformers.pipeline.Translation;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExperimentRunTest {
    @TempDir
    private Path folder;

    /** Stands for whatever ends a process in the middle. */
    private static final class Stop extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static Console stoppingAt(long last) {
        return new Console() {
            @Override
            public void say(String line) {}

            @Override
            public void progress(long step, long steps, double loss, double tokensPerSecond) {
                if (step >= last) {
                    throw new Stop();
                }
            }
        };
    }

    @Test
    void leavesARunFolder() throws IOException {
        Experiment experiment = TinyExperiment.pronunciation(TinyExperiment.table(folder)).value();
        Path run = folder.resolve("run");
        assertThat(ExperimentRun.start(experiment, run, Console.SILENT).headline())
                .matches("symbol error rate of sounds [\\d.]+ %, row error rate of sounds [\\d.]+ % on 10 unseen rows");
        assertThat(run.resolve("experiment.json")).isRegularFile();
        assertThat(run.resolve("checkpoints/checkpoint-000000012/optimizer.safetensors")).isRegularFile();
        assertThat(run.resolve("events/train")).isDirectoryContaining("glob:**/events.out.tfevents.*");
        assertThat(run.resolve("events/eval")).isDirectoryContaining("glob:**/events.out.tfevents.*");
        assertThat(Files.readString(run.resolve("report.html"))).contains(
                "g2p.quickstart", "symbol error rate of sounds", "characters of word in context");
        assertThat(Files.readString(run.resolve("model/README.md"))).contains("row error rate of sounds (%)");
        List<MetricRow> rows = MetricLog.read(run.resolve("metrics.jsonl"));
        assertThat(steps(rows, MetricRow.TRAIN)).containsExactly(2L, 4L, 6L, 8L, 10L, 12L);
        assertThat(steps(rows, MetricRow.EVAL)).containsExactly(4L, 8L, 12L);
        try (Translation translation = Translation.load(run.resolve("model"))) {
            assertThat(translation.translate("abc1").text()).isNotNull();
        }
        assertThatThrownBy(() -> ExperimentRun.start(experiment, run, Console.SILENT))
                .isInstanceOf(ExperimentException.class)
                .hasMessage("run folder: " + run + " holds a run already; resume it, or choose another");
    }

    @Test
    void goesOnWhereItStopped() throws IOException {
        Experiment experiment = TinyExperiment.pronunciation(TinyExperiment.table(folder)).value();
        Path straight = folder.resolve("straight");
        Path stopped = folder.resolve("stopped");
        String result = ExperimentRun.start(experiment, straight, Console.SILENT).headline();
        assertThatThrownBy(() -> ExperimentRun.start(experiment, stopped, stoppingAt(10))).isInstanceOf(Stop.class);
        assertThat(stopped.resolve("checkpoints/checkpoint-000000008")).isDirectory();
        assertThat(ExperimentRun.resume(stopped, Console.SILENT).headline()).isEqualTo(result);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(straight.resolve("model/model.safetensors")));
        assertThat(losses(stopped)).isEqualTo(losses(straight));
        // A run that is complete already is measured and reported again, nothing else.
        assertThat(ExperimentRun.resume(stopped, Console.SILENT).headline()).isEqualTo(result);
        assertThat(losses(stopped)).isEqualTo(losses(straight));
    }

    @Test
    void goesOnFromTheStartWithoutACheckpoint() throws IOException {
        Experiment experiment = TinyExperiment.pronunciation(TinyExperiment.table(folder)).value();
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> ExperimentRun.start(experiment, run, stoppingAt(2))).isInstanceOf(Stop.class);
        ExperimentRun.resume(run, Console.SILENT);
        assertThat(steps(MetricLog.read(run.resolve("metrics.jsonl")), MetricRow.TRAIN))
                .containsExactly(2L, 4L, 6L, 8L, 10L, 12L);
    }

    @Test
    void refusesAFolderWithoutRun() {
        assertThatThrownBy(() -> ExperimentRun.resume(folder, Console.SILENT))
                .isInstanceOf(ExperimentException.class)
                .hasMessage("run folder: no experiment.json in " + folder + ", which holds no run to go on with");
    }

    @Test
    void trainsALanguageModel() {
        Experiment experiment = TinyExperiment.languageModel(TinyExperiment.table(folder)).value();
        Path run = folder.resolve("run");
        assertThat(ExperimentRun.start(experiment, run, Console.SILENT).headline())
                .contains(" bits per byte on 10 held-out texts");
        try (TextGeneration generation = TextGeneration.load(run.resolve("model"))) {
            assertThat(generation.generate("A").ids()).isNotEmpty();
        }
    }

    private static List<Long> steps(List<MetricRow> rows, String split) {
        return rows.stream().filter(row -> row.split().equals(split)).map(MetricRow::step).toList();
    }

    /** Every row as {@code step split loss}. */
    private static List<String> losses(Path run) {
        return MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .map(row -> row.step() + " " + row.split() + " " + row.values().get(MetricRow.LOSS))
                .toList();
    }
}
