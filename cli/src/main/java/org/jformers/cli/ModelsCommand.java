package org.jformers.cli;

import java.util.Locale;
import org.jformers.hub.KnownModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code jformers models}: the models that have a short name. */
@Command(
        name = "models",
        description = "Print the models that have a short name: licence, bytes, parameters, what it is, where it is.")
final class ModelsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        for (KnownModel model : KnownModel.all()) {
            spec.commandLine().getOut().printf(Locale.ROOT,
                    "%s  %s, %.1f MB, %.1f million parameters%n    %s%n    %s%n", model.name(), model.licence(),
                    model.bytes() / 1e6, model.parameters() / 1e6, model.description(), model.place());
        }
    }
}
