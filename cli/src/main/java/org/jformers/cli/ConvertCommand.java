package org.jformers.cli;

import java.nio.file.Path;
import org.jformers.checkpoint.gguf.GgufType;
import org.jformers.hub.HubContents;
import org.jformers.model.convert.AdapterMerging;
import org.jformers.model.convert.FolderRewriting;
import org.jformers.model.convert.GgufConversion;
import org.jformers.model.convert.ModelConversion;
import org.jformers.model.convert.WeightAveraging;
import org.jformers.nn.Quantization;
import org.jformers.training.TrainingCheckpoint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers convert}: a model of another program, or one with an adapter, into a model folder; or into GGUF. */
@Command(
        name = "convert",
        description = "Make a model folder of another program's model. The format is found by looking into the file: "
                + "llama2.c (.bin), CTranslate2 (model.bin, or its folder) or ONNX (a BERT, RoBERTa or DistilBERT that "
                + "PyTorch exported, quantized or not, or a jar with one); vocabularies and tokenizers beside it come "
                + "along. CTranslate2 leaves it to others to cut a text, so its models read and write tokens between "
                + "spaces. With --adapter and --merge: make one of a model and a LoRA adapter. With --to gguf: write a "
                + "model folder as a file that llama.cpp reads. With --weights: make a folder whose linear maps are in "
                + "8 or 4 bits. With --average: make one whose weights are the mean of a run's last checkpoints.")
final class ConvertCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SOURCE",
            description = "The model's file or folder; with --adapter, --to or --weights, the folder of the base or "
                    + "of the model, or its id as elsewhere; with --average, the folder of a run.")
    private String source;

    @ArgGroup
    private How how = new How();

    @Option(
            names = "--out",
            paramLabel = "PATH",
            required = true,
            description = "The folder to make, empty or not there yet; with --to gguf, the file to write.")
    private Path out;

    /** Into a folder of a model with an adapter, or into a file, or into fewer bits. */
    static final class How {
        @ArgGroup(exclusive = false)
        private @Nullable Merging merging;

        @ArgGroup(exclusive = false)
        private @Nullable Writing writing;

        @Option(
                names = "--weights",
                paramLabel = "TYPE",
                description = "What linear maps become: int8, int4 (groups of 32), int4-64, int4-128 or int4-256.")
        private @Nullable String weights;

        @Option(
                names = "--average",
                paramLabel = "N",
                description = "Take the mean of the last N checkpoints of SOURCE, a run folder; its setting "
                        + "records.keep_checkpoints says how many a run keeps.")
        private @Nullable Integer average;
    }

    /** Formats that are written. */
    enum Format {
        GGUF
    }

    /** Element types of matrices in a file; by name alone, so that no command loads the engine as it is described. */
    enum ElementType {
        F32,
        F16,
        BF16,
        Q8_0,
        Q4_0;

        GgufType stored() {
            return GgufType.valueOf(name());
        }
    }

    /** A file of another program. */
    static final class Writing {
        @Option(names = "--to", paramLabel = "FORMAT", required = true, description = "The format to write: gguf.")
        private Format format;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                defaultValue = "F16",
                description = "What matrices become: f32, f16, bf16, q8_0 or q4_0. Default: f16. All else is f32.")
        private ElementType type;
    }

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
        if (how.writing != null) {
            GgufConversion.write(ModelArgument.folder(source, HubContents.MODEL, spec), how.writing.type.stored(), out);
        } else if (how.weights != null) {
            FolderRewriting.quantize(
                    ModelArgument.folder(source, HubContents.MODEL, spec), Quantization.named(how.weights), out);
        } else if (how.average != null) {
            Path run = Path.of(source);
            WeightAveraging.average(TrainingCheckpoint.newest(run.resolve("checkpoints"), how.average),
                    run.resolve("model"), out);
        } else if (how.merging == null) {
            ModelConversion.convert(Path.of(source), out);
        } else {
            Path adapter = ModelArgument.folder(how.merging.adapter, HubContents.ADAPTER, spec);
            AdapterMerging.merge(ModelArgument.folder(source, HubContents.MODEL, spec), adapter, out);
        }
        spec.commandLine().getOut().println(out);
    }
}
