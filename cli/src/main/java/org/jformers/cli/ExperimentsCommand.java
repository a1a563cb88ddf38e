package org.jformers.cli;

import java.io.PrintWriter;
import org.jformers.settings.SettingsJson;
import org.jformers.settings.SettingsTree;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers experiments}: what there is to train, and with which settings. */
@Command(
        name = "experiments",
        description = "List the experiments, show or compare their settings.",
        synopsisSubcommandLabel = "COMMAND")
final class ExperimentsCommand implements Runnable {
    private final Catalog catalog;

    @Spec
    private CommandSpec spec;

    ExperimentsCommand(Catalog catalog) {
        this.catalog = catalog;
    }

    /** Without a command: wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command");
    }

    @Command(name = "list", description = "Print the names of the experiments and what they do.")
    void list() {
        int width = catalog.descriptions().keySet().stream().mapToInt(String::length).max().orElse(0);
        catalog.descriptions().forEach((name, description) ->
                out().println(name + " ".repeat(width - name.length() + 2) + description));
    }

    @Command(name = "show", description = "Print every setting of an experiment, one per line.")
    void show(
            @Parameters(paramLabel = "EXPERIMENT", description = "Name of the experiment.") String experiment,
            @Mixin Overrides overrides,
            @Option(names = "--docs", description = "Say beside each setting what it is.") boolean docs,
            @Option(names = "--json", description = "Print JSON.") boolean json) {
        SettingsTree<?> settings = overrides.applyTo(catalog.find(experiment));
        if (json) {
            out().print(SettingsJson.print(settings.value()));
            return;
        }
        for (SettingsTree.Entry entry : settings.entries()) {
            boolean documented = docs && !entry.documentation().isEmpty();
            out().println(entry + (documented ? "  # " + entry.documentation() : ""));
        }
    }

    @Command(name = "diff", description = "Print the settings that differ, as 'path: first -> second'.")
    void diff(
            @Parameters(index = "0", paramLabel = "FIRST", description = "Name of an experiment.") String first,
            @Parameters(index = "1", paramLabel = "SECOND", description = "Name of another.") String second) {
        catalog.find(first).differencesTo(catalog.find(second)).forEach(out()::println);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
