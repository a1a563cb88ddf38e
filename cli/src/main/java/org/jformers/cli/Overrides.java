package org.jformers.cli;

import java.util.List;
import org.jformers.settings.SettingsTree;
import picocli.CommandLine.Option;

/** The option {@code --set}, for every command that takes an experiment. */
final class Overrides {

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            converter = Assignment.Reader.class,
            description = "Change a setting, such as optimizer.learning_rate=3e-4; may be repeated. "
                    + "'jformers experiments show EXPERIMENT' prints the paths.")
    private List<Assignment> assignments = List.of();

    /** The settings with the changes made, in the order given. */
    <R extends Record> SettingsTree<R> applyTo(SettingsTree<R> settings) {
        SettingsTree<R> changed = settings;
        for (Assignment assignment : assignments) {
            changed = changed.with(assignment.path(), assignment.value());
        }
        return changed;
    }
}
