package org.jformers.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentRun;
import org.jformers.experiment.Experiments;
import org.jformers.settings.SettingsTree;
import org.jformers.task.Denoising.Kind;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** An encoder-decoder learns to put spoiled texts right. */
final class DenoisingTest {
    @TempDir
    private Path folder;

    /** A T5 over the names of letters in words. */
    private SettingsTree<Experiment> tiny() {
        return TinyExperiment.with(SettingsTree.of(Experiments.of("t5.wordnet")),
                "task.data.train=" + TinyExperiment.table(folder), "task.data.text=sounds",
                "task.data.validation_rows=10", "task.data.test_rows=10", "task.vocab_size=370", "task.batch=16",
                "task.share=0.3", "model.config.d_model=32", "model.config.d_kv=16", "model.config.d_ff=64",
                "model.config.num_layers=1", "model.config.num_decoder_layers=1", "model.config.num_heads=2",
                "schedule.learning_rate=0.01", "schedule.warmup_steps=5", "training.steps=60",
                "training.max_duration=0s", "training.precision=float32", "records.log_every=5",
                "records.validate_every=20", "records.checkpoint_every=20", "task.evaluation.samples=3");
    }

    private static Map<String, Double> validated(Path run, int which) {
        List<MetricRow> rows = MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.EVAL)).toList();
        return rows.get(which < 0 ? rows.size() + which : which).values();
    }

    @Test
    void learnsToWriteWhatIsLeftOut() throws IOException {
        Path run = folder.resolve("run");
        String headline = ExperimentRun.start(tiny().value(), run, Console.SILENT).headline();
        assertThat(headline).matches("accuracy [0-9.]+ % of the tokens to write, perplexity [0-9.]+, of 10 held-out"
                + " texts");
        assertThat(validated(run, -1).get("loss")).isLessThan(0.8 * validated(run, 0).get("loss"));
        assertThat(validated(run, -1)).containsKeys("accuracy", "perplexity");
        assertThat(Files.readString(run.resolve("report.html"))).contains("&lt;extra_id_0&gt;");
        // What was learned is where the same goes on, with the folder's tokenizer, and another noise.
        Experiment further = TinyExperiment.with(tiny(), "model.from=" + run.resolve("model"),
                "model.weights=pretrained", "model.config={}", "task.vocab_size=0", "task.noise=bart",
                "training.steps=5", "schedule.warmup_steps=0").value();
        assertThat(ExperimentRun.start(further, folder.resolve("further"), Console.SILENT).headline())
                .startsWith("accuracy ");
        assertThat(Files.readString(folder.resolve("further/report.html"))).contains("before training");
    }

    /** Each file by itself, in the rhythm of the validation. */
    @Test
    void watchesFurtherFiles() throws IOException {
        Path near = Files.write(folder.resolve("near.csv"), List.of("sounds", "A B C 1 2", "D E A 1"));
        Path far = Files.write(folder.resolve("far.v1.csv"), List.of("sounds", "z y x w", "zz xx yy"));
        Path run = folder.resolve("run");
        SettingsTree<Experiment> watching = TinyExperiment.with(tiny(), "training.steps=40",
                "task.data.watch=[\"" + near + "\", \"" + far + "\"]");
        ExperimentRun.start(watching.value(), run, Console.SILENT);
        List<MetricRow> rows = MetricLog.read(run.resolve("metrics.jsonl"));
        for (String name : List.of("near", "far")) {
            assertThat(rows).filteredOn(row -> row.split().equals(name)).extracting(MetricRow::step)
                    .containsExactly(20L, 40L);
            assertThat(run.resolve("events").resolve(name)).isDirectory();
        }
        assertThat(loss(rows, "far")).isGreaterThan(loss(rows, "near"));
        SettingsTree<Experiment> twice = TinyExperiment.with(watching,
                "task.data.watch=[\"" + near + "\", \"" + near + "\"]");
        assertThatThrownBy(() -> ExperimentRun.start(twice.value(), folder.resolve("twice"), Console.SILENT))
                .hasMessage("task.data.watch: got a second near, allowed files of different names, none of them eval,"
                        + " norms, train");
    }

    private static double loss(List<MetricRow> rows, String split) {
        return rows.stream().filter(row -> row.split().equals(split)).reduce((first, last) -> last).orElseThrow()
                .values().get(MetricRow.LOSS);
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"SPANS", "BART"})
    void goesOnBitForBit(Kind noise) throws IOException {
        Experiment experiment = TinyExperiment.with(tiny(), "task.noise=" + noise.name().toLowerCase(
                Locale.ROOT), "training.steps=12", "records.checkpoint_every=5", "training.accumulation=2",
                "model.config.dropout_rate=0.1").value();
        Path straight = folder.resolve("straight");
        Path stopped = folder.resolve("stopped");
        ExperimentRun.start(experiment, straight, Console.SILENT);
        SettingsTree<Experiment> shorter = SettingsTree.of(experiment);
        assertThatThrownBy(() -> ExperimentRun.start(shorter.value(), stopped, new Console() {
            @Override
            public void say(String line) {}

            @Override
            public void progress(long step, long steps, double loss, double rate) {
                if (step == 10) {
                    throw new IllegalStateException("stopped");
                }
            }
        })).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(straight.resolve("model/model.safetensors")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.share=1          | task.share: got 1.0, allowed in (0, 1)
            task.mean_span=0      | task.mean_span: got 0.0, allowed >= 1
            task.vocab_size=300   | task.vocab_size: got 300, allowed >= 361
            task.batch=0          | task.batch: got 0, allowed >= 1
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        Experiment wrong = TinyExperiment.with(tiny(), assignment).value();
        assertThatThrownBy(() -> ExperimentRun.start(wrong, folder.resolve("run"), Console.SILENT))
                .isInstanceOf(JformersException.class).hasMessageContaining(message);
        assertThat(folder.resolve("run")).doesNotExist();
    }
}
