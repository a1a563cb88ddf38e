package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jformers.JformersException;
import org.jformers.settings.Nearest;
import org.jformers.settings.Setting;
import org.jformers.settings.SettingsTree;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class ExperimentsCommandTest {

    record Settings(@Setting("training steps, >= 1") int steps, Optimizer optimizer) {}

    record Optimizer(double learningRate) {}

    private static final class Samples implements Catalog {
        private final Map<String, Settings> settings = new TreeMap<>(Map.of(
                "lm.small", new Settings(100, new Optimizer(1e-3)),
                "mt.long", new Settings(5000, new Optimizer(1e-3))));

        @Override
        public Map<String, String> descriptions() {
            return new TreeMap<>(Map.of("lm.small", "A small language model.", "mt.long", "Translation."));
        }

        @Override
        public SettingsTree<?> find(String name) {
            if (!settings.containsKey(name)) {
                throw new JformersException("unknown experiment " + name + Nearest.hint(name, settings.keySet()));
            }
            return SettingsTree.of(settings.get(name));
        }
    }

    @Command(name = "train")
    static final class Train implements Runnable {
        @Mixin
        private TrainOptions options;

        private SettingsTree<?> settings;

        @Override
        public void run() {
            settings = options.settings(new Samples());
        }
    }

    @Test
    void listsExperiments() {
        assertThat(run("list").out()).isEqualTo("lm.small  A small language model.\nmt.long   Translation.\n");
    }

    @Test
    void showsSettings() {
        assertThat(run("show", "lm.small")).isEqualTo(new Run(0, "steps = 100\noptimizer.learning_rate = 0.001\n", ""));
    }

    @Test
    void showsChangedSettingsAndWhatTheyAre() {
        assertThat(run("show", "lm.small", "--docs", "--set", "steps=7", "--set", "optimizer.learning_rate=1").out())
                .isEqualTo("steps = 7  # training steps, >= 1\noptimizer.learning_rate = 1.0\n");
    }

    @Test
    void showsJson() {
        assertThat(run("show", "lm.small", "--json").out())
                .isEqualTo("{\n  \"steps\" : 100,\n  \"optimizer\" : {\n    \"learning_rate\" : 0.001\n  }\n}\n");
    }

    @Test
    void showsDifferences() {
        assertThat(run("diff", "lm.small", "mt.long")).isEqualTo(new Run(0, "steps: 100 -> 5000\n", ""));
        assertThat(run("diff", "lm.small", "lm.small")).isEqualTo(new Run(0, "", ""));
    }

    @Test
    void namesTheNearest() {
        assertThat(run("show", "lm.smal"))
                .isEqualTo(new Run(1, "", "jformers: unknown experiment lm.smal; nearest: lm.small\n"));
        assertThat(run("show", "lm.small", "--set", "optimizer.learnin_rate=1").err())
                .isEqualTo("jformers: unknown setting optimizer.learnin_rate; nearest: optimizer.learning_rate\n");
    }

    @Test
    void callsHalfAnAssignmentWrongUsage() {
        Run run = run("show", "lm.small", "--set", "steps");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("expected path=value, got 'steps'");
    }

    @Test
    void trainReadsItsOptions() {
        Train train = new Train();
        CommandLine line = new CommandLine(train);
        Run run = Run.of(line, "mt.long", "--set", "steps=9", "--out", "runs/x", "--resume", "runs/y");
        assertThat(run.exitCode()).isZero();
        assertThat(train.settings.value()).isEqualTo(new Settings(9, new Optimizer(1e-3)));
        assertThat(train.options.experiment()).contains("mt.long");
        assertThat(train.options.out()).contains(Path.of("runs/x"));
        assertThat(train.options.resume()).contains(Path.of("runs/y"));
    }

    private static Run run(String... arguments) {
        CommandLine line = new CommandLine(new ExperimentsCommand(new Samples()));
        Failures failures = new Failures(() -> false);
        line.setExecutionExceptionHandler(failures);
        line.setParameterExceptionHandler(failures);
        return Run.of(line, arguments);
    }
}
