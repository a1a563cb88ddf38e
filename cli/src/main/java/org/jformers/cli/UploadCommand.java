package org.jformers.cli;

import java.nio.file.Path;
import org.jformers.hub.Hub;
import org.jformers.hub.Hub.Visibility;
import org.jformers.hub.ModelId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers upload}: a model's folder to the hub. */
@Command(
        name = "upload",
        description = {
            "Upload a model's folder to the hub, and print the address of the commit.",
            "What the hub has already stays out. The token of HF_TOKEN must be allowed to write."
        })
final class UploadCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "The model's folder.")
    private Path folder;

    @Parameters(
            paramLabel = "ID",
            description = "The model's id on the hub: org/name, or org/name@branch. What does not exist is made.")
    private String model;

    @Option(
            names = "--message",
            paramLabel = "TEXT",
            defaultValue = "Upload model",
            description = "The commit's message; by default '${DEFAULT-VALUE}'.")
    private String message;

    @Option(names = "--private", description = "If the repository is made: only its owners see it.")
    private boolean hidden;

    @Override
    public void run() {
        ModelId id = ModelId.find(model).orElseThrow(() -> new ParameterException(
                spec.commandLine(), "ID: got '" + model + "', allowed org/name or org/name@branch"));
        try (ModelArgument.Display display = new ModelArgument.Display(spec.commandLine().getErr())) {
            Visibility visibility = hidden ? Visibility.PRIVATE : Visibility.PUBLIC;
            spec.commandLine().getOut()
                    .println(Hub.fromEnvironment().upload(folder, id, visibility, message, display).address());
        }
    }
}
