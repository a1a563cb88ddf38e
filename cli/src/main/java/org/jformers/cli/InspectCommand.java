package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jformers.JformersException;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.LoadMode;
import org.jformers.checkpoint.TensorNames;
import org.jformers.hub.HubContents;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.ConfigKeys;
import org.jformers.model.auto.FolderFiles;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.surgery.LoraAdapter;
import org.jformers.tensor.Device;
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
        FolderFindings findings = new FolderFindings(folder);
        JformersException failure = null;
        try {
            load(folder, findings);
        } catch (JformersException e) {
            if (!Files.exists(folder)) {
                throw e;
            }
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

    private void load(Path folder, FolderFindings findings) {
        Config config;
        try {
            config = AutoConfig.load(folder);
            findings.config(config);
        } catch (ConfigException e) {
            findings.weightFiles(weightsIfReadable(folder));
            throw e;
        }
        findings.weightFiles(FolderFiles.weights(folder));
        Optional<String> refusal = ConfigKeys.refusal(config);
        if (refusal.isPresent()) {
            findings.refuse(refusal.get());
            return;
        }
        LoadRequest request = loading.request().withDevice(Device.CPU);
        request.adapter().ifPresent(adapter -> findings.adapter(LoraAdapter.open(adapter)));
        try {
            described(AutoModel.load(folder, request), findings).close();
            findings.loads();
        } catch (CheckpointException e) {
            LoadMode all = new LoadMode(LoadMode.Unexpected.REPORTED, TensorNames.ALL, TensorNames.NONE);
            described(AutoModel.load(folder, request.withMode(all)), findings).close();
            findings.refuse(e.getMessage());
        }
    }

    /**
     * The files that the weights would come from; none where they cannot be read either, for the config comes first.
     */
    private static Set<String> weightsIfReadable(Path folder) {
        try {
            return FolderFiles.weights(folder);
        } catch (CheckpointException e) {
            return Set.of();
        }
    }

    private static Model described(AutoModel.Loaded loaded, FolderFindings findings) {
        findings.model(loaded.model(), loaded.report());
        return loaded.model();
    }
}
