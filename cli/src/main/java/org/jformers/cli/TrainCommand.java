package org.jformers.cli;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jformers train}: runs an experiment in a run folder, or goes on with one. */
@Command(
        name = "train",
        description = "Run an experiment: train, evaluate, leave a run folder with the model and a report.")
final class TrainCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Mixin
    private TrainOptions options;

    @Override
    public void run() {
        boolean named = options.experiment().isPresent();
        if (options.resume().isPresent() && options.out().isPresent()) {
            throw new ParameterException(
                    spec.commandLine(), "expected --out or --resume, got both: a resumed run stays in its folder");
        }
        if (named == options.resume().isPresent()) {
            throw new ParameterException(spec.commandLine(), named
                    ? "expected EXPERIMENT or --resume, got both: a resumed run keeps its settings"
                    : "expected EXPERIMENT or --resume DIR");
        }
        if (options.resume().isPresent()) {
            Path folder = options.resume().get();
            RunDisplay.show(spec, folder, console -> ExperimentRun.resume(folder, options::changed, console));
            return;
        }
        Experiment experiment = (Experiment) options.settings(new ExperimentCatalog()).value();
        Path folder = options.out().orElseGet(() -> newFolder(experiment.name()));
        RunDisplay.show(spec, folder, console -> ExperimentRun.start(experiment, folder, console));
    }

    /** A new run folder under runs/. */
    static Path newFolder(String experiment) {
        String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
        return Path.of("runs", experiment + "-" + time);
    }
}
