package org.jformers.checkpoint;

import java.util.List;
import org.jformers.tensor.DType;

/**
 * What a checkpoint says of one tensor, known without reading its elements.
 *
 * @param name the name in the checkpoint
 * @param dtype the type of the elements
 * @param shape the sizes of the dimensions; empty for a scalar
 * @param offset the position of the first byte in its file
 * @param bytes the size of all elements
 */
public record TensorInfo(String name, DType dtype, List<Long> shape, long offset, long bytes) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** The number of elements; 1 for a scalar. */
    public long elements() {
        return bytes / dtype.bytes();
    }

    long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
