package org.jformers.model.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.FolderFiles;
import org.jformers.model.auto.LoadRequest;
import org.jformers.nn.Quantization;
import org.jformers.tensor.DType;
import org.jformers.tensor.Device;

/** Makes a model folder of another one: with other weights, everything beside them as it is. */
public final class FolderRewriting {
    private static final Set<DType> TYPES = Set.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16, DType.FLOAT64);

    private FolderRewriting() {}

    /**
     * Keeps the weights of linear maps in fewer bits. All others keep their number format; tokenizer, templates and
     * settings of generation come along.
     *
     * @param base the model's folder
     * @param quantization the kind of bits
     * @param folder the model folder to make; it must be empty or not there yet
     * @throws org.jformers.JformersException if the folder cannot be written
     */
    public static void quantize(Path base, Quantization quantization, Path folder) {
        write(base, LoadRequest.DECLARED.withQuantization(quantization), folder);
    }

    /** Loads a folder as a request says, in its own number format, and writes it. */
    static void write(Path base, LoadRequest request, Path folder) {
        write(base, request, model -> {}, folder);
    }

    /** The same with something done to the model in between. */
    static void write(Path base, LoadRequest request, Consumer<Model> change, Path folder) {
        if (!Files.isDirectory(base)) {
            throw new CheckpointException("convert: got " + base + " to make a folder of, allowed model folders");
        }
        ModelConversion.requireEmpty(folder);
        try (Model model = AutoModel.load(base, request.withDevice(Device.CPU).withPrecision(precision(base)))
                .model()) {
            change.accept(model);
            model.save(folder);
        }
        try {
            for (Path file : FolderFiles.besideWeights(base)) {
                copy(file, folder.resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw new CheckpointException("convert: cannot copy the files of " + base + ": "
                    + e.getMessage() + ", into " + folder, e);
        }
    }

    /** The type of the base's weights; float32 where they have several, or one that is not computed with. */
    static DType precision(Path base) {
        try (Checkpoint checkpoint = Checkpoint.open(base)) {
            Set<DType> types = checkpoint.names().stream()
                    .map(name -> checkpoint.info(name).dtype())
                    .filter(DType::isFloatingPoint)
                    .collect(Collectors.toSet());
            return types.size() == 1 && TYPES.containsAll(types) ? types.iterator().next() : DType.FLOAT32;
        }
    }

    private static void copy(Path file, Path to) throws IOException {
        if (!Files.isDirectory(file)) {
            Files.copy(file, to);
            return;
        }
        Files.createDirectories(to);
        List<Path> within;
        try (Stream<Path> files = Files.list(file)) {
            within = files.toList();
        }
        for (Path one : within) {
            copy(one, to.resolve(one.getFileName()));
        }
    }
}
