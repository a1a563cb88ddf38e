package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentRun;
import org.jformers.experiment.Experiments;
import org.jformers.pipeline.Translation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers quickstart}: the whole way from a lexicon to a model that pronounces words, in a few minutes. */
@Command(
        name = "quickstart",
        description = "Teach the original Transformer to pronounce English, in about four minutes.")
final class QuickstartCommand implements Runnable {
    /** Words that no lexicon of the nineties holds. */
    private static final List<String> NEW_WORDS = List.of("chatbot", "blockchain", "emoji", "googling", "tokenizer");

    @Spec
    private CommandSpec spec;

    @Option(names = "--out", paramLabel = "DIR", description = "The run folder; by default a new one under runs/.")
    private @Nullable Path out;

    @Override
    public void run() {
        Experiment experiment = Experiments.of("g2p.quickstart");
        Path folder = Optional.ofNullable(out).orElseGet(() -> TrainCommand.newFolder(experiment.name()));
        ExperimentRun.Result result = RunDisplay.run(
                spec, folder, console -> ExperimentRun.start(experiment, folder, console));
        PrintWriter print = spec.commandLine().getOut();
        print.println();
        try (Translation pronunciation = Translation.load(folder.resolve("model"))) {
            NEW_WORDS.forEach(word -> print.printf("%14s  %s%n", word, pronunciation.translate(word).text()));
        }
        print.println();
        print.println(result.headline());
        RunDisplay.next(print, folder, result);
    }
}
