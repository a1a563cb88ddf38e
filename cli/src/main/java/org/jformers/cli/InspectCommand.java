package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.jformers.JformersException;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.LoadMode;
import org.jformers.checkpoint.TensorNames;
import org.jformers.hub.HubContents;
import org.jformers.model.AutoConfig;
import org.jformers.model.AutoModel;
import org.jformers.model.Config;
import org.jformers.model.ConfigKeys;
import org.jformers.model.FolderFiles;
import org.jformers.model.LoadRequest;
import org.jformers.model.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code jformers inspect}: a model folder as data, and what of it is read. A folder that cannot be loaded is described
 * as well; it is a failure only if a file is broken or says what cannot be.
 */
@Command(
        name = "inspect",
        description = "Print what a model folder holds: the model as data, parameters by part, and of its files, config"
                + " keys and weights which are read, which are not and why.")
final class InspectCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR|ID", description = ModelArgument.DESCRIPTION)
    private String source;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private LoadingOptions loading;

    @Override
    public void run() {
        Path folder = ModelArgument.folder(source, HubContents.MODEL, spec);
        Config config = AutoConfig.load(folder);
        FolderFindings findings = new FolderFindings(folder, config);
        JformersException failure = null;
        try {
            load(folder, config, findings);
        } catch (JformersException e) {
            findings.refuse(e.getMessage());
            failure = e;
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.print(findings.asMap()));
        } else {
            findings.lines().forEach(out::println);
        }
        out.flush();
        if (failure != null) {
            throw failure;
        }
    }

    private void load(Path folder, Config config, FolderFindings findings) {
        findings.weightFiles(FolderFiles.weights(folder));
        Optional<String> refusal = ConfigKeys.refusal(config);
        if (refusal.isPresent()) {
            findings.refuse(refusal.get());
            return;
        }
        LoadRequest request = LoadRequest.DECLARED.withMode(loading.mode());
        try {
            described(AutoModel.load(folder, request), findings).close();
            findings.loads();
        } catch (CheckpointException e) {
            LoadMode all = new LoadMode(LoadMode.Unexpected.REPORTED, TensorNames.ALL, TensorNames.NONE);
            described(AutoModel.load(folder, request.withMode(all)), findings).close();
            findings.refuse(e.getMessage());
        }
    }

    private static Model described(AutoModel.Loaded loaded, FolderFindings findings) {
        findings.model(loaded.model(), loaded.report());
        return loaded.model();
    }
}
