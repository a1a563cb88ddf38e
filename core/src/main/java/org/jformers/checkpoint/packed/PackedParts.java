package org.jformers.checkpoint.packed;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.jformers.tensor.DType;

/** The stored tensors of a folder, by their names there. What is handed out lasts as long as the caller's scope. */
public interface PackedParts {
    /** All names. */
    Set<String> names();

    /** The modules that have a part, such as {@code .qweight}, in the order of the names. */
    default List<String> modulesWith(String part) {
        return names().stream()
                .filter(name -> name.endsWith(part))
                .map(name -> name.substring(0, name.length() - part.length()))
                .toList();
    }

    /** The sizes of a tensor. */
    List<Long> shape(String name);

    /** The type of a tensor's elements. */
    DType dtype(String name);

    /** The bytes of a tensor, little-endian. */
    ByteBuffer bytes(String name);

    /** The elements of a tensor of real numbers, row by row. */
    float[] floats(String name);
}
