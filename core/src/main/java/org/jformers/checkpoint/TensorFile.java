package org.jformers.checkpoint;

import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** An open file of named tensors. Owns its memory map; tensors handed out share it and may outlive this object. */
public sealed interface TensorFile extends AutoCloseable permits SafetensorsFile, PytorchFile {
    /** The file. */
    Path path();

    /** The free text of the file. */
    Map<String, String> metadata();

    /** What the file holds, by name, in its order. */
    Map<String, TensorInfo> tensors();

    /**
     * One tensor: a view of the map, or a copy where the file does not lay it out as the engine needs it.
     *
     * @throws CheckpointException if the file has no tensor of that name
     */
    Tensor tensor(String name);

    /** Gives the map back, as soon as no tensor uses it. */
    @Override
    void close();
}
