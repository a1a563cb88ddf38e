package org.jformers.cli;

import java.nio.file.Path;
import org.jformers.model.convert.ModelConversion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers convert}: a model of another program into a model folder. */
@Command(
        name = "convert",
        description = "Make a model folder of another program's model. The format is found by looking into the file: "
                + "llama2.c (.bin), CTranslate2 (model.bin, or its folder) or ONNX (a BERT, RoBERTa or DistilBERT that "
                + "PyTorch exported, quantized or not, or a jar with one); vocabularies and tokenizers beside it come "
                + "along. CTranslate2 leaves it to others to cut a text, so its models read and write tokens between "
                + "spaces.")
final class ConvertCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SOURCE", description = "The model's file or folder.")
    private Path source;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "The folder to make; empty or not there yet.")
    private Path out;

    @Override
    public void run() {
        ModelConversion.convert(source, out);
        spec.commandLine().getOut().println(out);
    }
}
