package org.jformers.checkpoint;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.packed.WeightQuantization;
import org.jformers.tensor.Scopes;

/** An open file of named tensors. Owns its memory map; tensors handed out share it and may outlive this object. */
public sealed interface TensorFile extends AutoCloseable permits SafetensorsFile, PytorchFile, GgufFile, PackedFile {
    /**
     * Opens a file as the format that its name ends with: {@code .bin}, {@code .pt} and {@code .pth} are PyTorch's,
     * {@code .gguf} is GGUF, all others are safetensors.
     *
     * @throws org.jformers.JformersException if it cannot be read or is not exactly a file of that format
     */
    static TensorFile open(Path path) {
        String name = path.getFileName().toString();
        if (name.endsWith(".gguf")) {
            return GgufFile.open(path);
        }
        boolean pytorch = Stream.of(".bin", ".pt", ".pth").anyMatch(name::endsWith);
        return pytorch ? PytorchFile.open(path) : SafetensorsFile.open(path);
    }

    /** The file. */
    Path path();

    /** The free text of the file. */
    Map<String, String> metadata();

    /** The grid on which quantized weights of the file lie, if there are such weights. */
    default Optional<WeightQuantization.Grid> grid() {
        return Optional.empty();
    }

    /** What the file holds, by name, in its order. */
    Map<String, TensorInfo> tensors();

    /** The number of elements that are stored: once where tensors are views of the same. */
    default long elements() {
        return tensors().values().stream().mapToLong(TensorInfo::elements).sum();
    }

    /**
     * One tensor: a view of the map, or a copy where the file does not lay it out as the engine needs it.
     *
     * @throws CheckpointException if the file has no tensor of that name
     */
    Tensor tensor(String name);

    /**
     * The same tensor in memory of its own, read without touching the map: for what is converted or joined anyway.
     *
     * @throws CheckpointException if the file has no tensor of that name, or cannot be read any more
     */
    Tensor read(String name);

    /**
     * Fills a tensor of the same shape with the stored one, converted to its type.
     *
     * @throws CheckpointException if the file has no tensor of that name, or cannot be read any more
     */
    default void read(String name, Tensor into) {
        Scopes.run(() -> into.copy_(read(name)));
    }

    /** Gives the map back, as soon as no tensor uses it. */
    @Override
    void close();
}
