package org.jformers.checkpoint;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;

/**
 * The bytes of a file as memory, of any size, private to this process. Owns the map, which stays until this object is
 * closed and the last view of it is gone.
 */
final class MappedBytes implements AutoCloseable {
    private final Tensor bytes;

    private MappedBytes(Tensor bytes) {
        this.bytes = bytes;
    }

    /**
     * Maps a file.
     *
     * @throws CheckpointException if it cannot be opened or is shorter than {@code size}
     */
    static MappedBytes of(Path path, long size) {
        try {
            // Kept past the scope that frees the options: this object is the owner.
            return new MappedBytes(Scopes.get(() -> Scopes.keep(torch.from_file(
                    new BytePointer(path.toString(), StandardCharsets.UTF_8),
                    new BoolOptional(false),
                    new LongOptional(size),
                    new TensorOptions(ScalarType.Byte)))));
        } catch (RuntimeException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new CheckpointException("cannot map " + path + ": " + reason, e);
        }
    }

    /** A part of the map as a vector; a copy where its place does not suit the type. */
    Tensor vector(long offset, long size, DType type) {
        Tensor part = bytes.narrow(0, offset, size);
        Tensor aligned = offset % type.bytes() == 0 ? part : part.clone();
        return aligned.view(type.scalarType());
    }

    @Override
    public void close() {
        bytes.close();
    }
}
