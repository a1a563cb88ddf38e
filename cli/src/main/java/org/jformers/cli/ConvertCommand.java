package org.jformers.cli;

import java.nio.file.Path;
import org.jformers.hub.HubContents;
import org.jformers.model.convert.AdapterMerging;
import org.jformers.model.convert.ModelConversion;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers convert}: a model of another program, or one with an adapter, into a model folder. */
@Command(
        name = "convert",
        description = "Make a model folder of another program's model. The format is found by looking into the file: "
                + "llama2.c (.bin), CTranslate2 (model.bin, or its folder) or ONNX (a BERT, RoBERTa or DistilBERT that "
                + "PyTorch exported, quantized or not, or a jar with one); vocabularies and tokenizers beside it come "
                + "along. CTranslate2 leaves it to others to cut a text, so its models read and write tokens between "
                + "spaces. With --adapter and --merge: make one of a model and a LoRA adapter.")
final class ConvertCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SOURCE",
            description = "The model's file or folder; with --adapter, the base's folder, or its id as elsewhere.")
    private String source;

    @ArgGroup(exclusive = false)
    private Merging merging;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "The folder to make; empty or not there yet.")
    private Path out;

    /** An adapter is nothing by itself; only merged it becomes a model. */
    static final class Merging {
        @Option(
                names = "--adapter",
                paramLabel = "DIR|ID",
                required = true,
                description = "The adapter's folder, or its id on the hub.")
        private String adapter;

        @Option(names = "--merge", required = true, description = "Add the adapter's matrices to the model's.")
        private boolean merge;
    }

    @Override
    public void run() {
        if (merging == null) {
            ModelConversion.convert(Path.of(source), out);
        } else {
            Path adapter = ModelArgument.folder(merging.adapter, HubContents.ADAPTER, spec);
            AdapterMerging.merge(ModelArgument.folder(source, HubContents.MODEL, spec), adapter, out);
        }
        spec.commandLine().getOut().println(out);
    }
}
