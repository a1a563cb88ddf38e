package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jformers.checkpoint.LoadMode;
import org.jformers.hub.HubContents;
import org.jformers.model.AutoConfig;
import org.jformers.model.AutoModel;
import org.jformers.model.Model;
import org.jformers.model.Task;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers inspect}: a model folder as data. */
@Command(
        name = "inspect",
        description = "Print what a model folder holds: the model as data, parameters by part, how its weights load.")
final class InspectCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR|ID", description = ModelArgument.DESCRIPTION)
    private String source;

    @Override
    public void run() {
        Path folder = ModelArgument.folder(source, HubContents.MODEL, spec);
        Task task = AutoModel.declaredTask(AutoConfig.load(folder), folder.toString());
        AutoModel.Loaded loaded = AutoModel.load(folder, task, LoadMode.DEFAULT);
        try (Model model = loaded.model()) {
            PrintWriter out = spec.commandLine().getOut();
            Model.Identity identity = model.identity();
            out.println("family = " + identity.family().modelType());
            out.println("architecture = " + identity.architecture());
            out.println("task = " + task.name().toLowerCase(Locale.ROOT));
            out.println("weights = " + loaded.report().summary());
            out.println();
            SpecLines.of("model", (Record) identity.spec()).forEach(out::println);
            out.println();
            Map<String, Long> sizes = new LinkedHashMap<>();
            model.network().parameters().forEach((path, parameter) -> sizes.put(path, parameter.size()));
            ParameterTable.of(sizes).forEach(out::println);
        }
    }
}
