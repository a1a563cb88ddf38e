package org.jformers.cli;

import java.util.List;
import org.jformers.checkpoint.LoadMode;
import picocli.CommandLine.Option;

/** What may be missing from a folder that a command loads. */
final class LoadingOptions {
    @Option(
            names = "--allow-missing",
            paramLabel = "PATTERN",
            description = "Weights that may be missing and then start at random, by name; * stands for any characters,"
                    + " a module for all in it. May be given several times.")
    private List<String> missing = List.of();

    LoadMode mode() {
        return LoadMode.DEFAULT.allowingMissing(missing);
    }
}
