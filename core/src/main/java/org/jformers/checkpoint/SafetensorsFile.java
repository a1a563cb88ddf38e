package org.jformers.checkpoint;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Scopes;

/**
 * A safetensors file whose tensors are views of one memory map: nothing is read before it is used, nothing is copied.
 *
 * <p>The map is private to this process: writing into a tensor never reaches the file. Owns the map; the tensors handed
 * out share it, so it stays until this object is closed and the last of them is gone. A file that somebody shortens while
 * it is mapped kills the process when the lost part is read; {@link SafetensorsWriter} therefore replaces files instead.
 */
public final class SafetensorsFile implements AutoCloseable {
    private final Path path;
    private final SafetensorsHeader header;
    private final Tensor map;

    private SafetensorsFile(Path path, SafetensorsHeader header, Tensor map) {
        this.path = path;
        this.header = header;
        this.map = map;
    }

    /**
     * Checks the header and maps the file.
     *
     * @throws CheckpointException if the file cannot be read or is not exactly a safetensors file
     */
    public static SafetensorsFile open(Path path) {
        SafetensorsHeader header = SafetensorsHeader.read(path);
        long bytes = header.bytes()
                + header.tensors().values().stream().mapToLong(TensorInfo::bytes).sum();
        return new SafetensorsFile(path, header, map(path, bytes));
    }

    private static Tensor map(Path path, long bytes) {
        try {
            // Kept past the scope that frees the options: this object is the owner.
            return Scopes.get(() -> Scopes.keep(torch.from_file(
                    new BytePointer(path.toString(), StandardCharsets.UTF_8),
                    new BoolOptional(false),
                    new LongOptional(bytes),
                    new TensorOptions(ScalarType.Byte))));
        } catch (RuntimeException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new CheckpointException("cannot map " + path + ": " + reason, e);
        }
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** The free text of the file, such as {@code format=pt}. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /** What the file holds, by name, in its order. */
    public Map<String, TensorInfo> tensors() {
        return header.tensors();
    }

    /**
     * One tensor, a view of the map (a copy only where the file does not align its elements). It may outlive this object.
     *
     * @throws CheckpointException if the file has no tensor of that name
     */
    public Tensor tensor(String name) {
        TensorInfo info = header.tensors().get(name);
        if (info == null) {
            throw new CheckpointException("no tensor " + CheckpointException.quote(name) + " in " + path);
        }
        return Scopes.scoped(() -> {
            Tensor bytes = map.narrow(0, info.offset(), info.bytes());
            Tensor aligned = info.offset() % info.dtype().bytes() == 0 ? bytes : bytes.clone();
            return aligned.view(info.dtype().scalarType()).view(info.dimensions());
        });
    }

    /** Gives the map back, as soon as no tensor uses it. */
    @Override
    public void close() {
        map.close();
    }
}
