package org.jformers.model.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A format in which another program keeps models. */
interface ForeignFormat {

    /** Its short name. */
    String name();

    /** The {@code model_type}s of the folders that it becomes. */
    List<String> modelTypes();

    /** What it is called in messages, and how its files look. */
    String description();

    /** Whether the file or folder is of this format, by what is in it. */
    boolean matches(Path source);

    /**
     * Reads a model.
     *
     * @throws org.jformers.checkpoint.CheckpointException if the file is damaged or holds what no family does
     */
    Contents read(Path source);

    /**
     * What a model folder holds.
     *
     * @param config {@code config.json}
     * @param tensors weights by the names of the family's checkpoints; in the caller's scope
     * @param files further files to lie beside them by their names, such as those of the tokenizer
     * @param tokenizers {@code tokenizer.json} of the folders, within the model's, that it has them in
     */
    record Contents(
            ObjectNode config,
            Map<String, Tensor> tensors,
            Map<String, byte[]> files,
            Map<String, ObjectNode> tokenizers) {}
}
