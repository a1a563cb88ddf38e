package org.jformers.checkpoint;

import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;

/**
 * A safetensors file whose tensors are views of one memory map: nothing is read before it is used, nothing is copied.
 *
 * <p>The map is private to this process: writing into a tensor never reaches the file. Owns the map; the tensors handed
 * out share it, so it stays until this object is closed and the last of them is gone. A file that somebody shortens
 * while it is mapped kills the process when the lost part is read; {@link SafetensorsWriter} therefore replaces files
 * instead.
 */
public final class SafetensorsFile implements TensorFile {
    private final Path path;
    private final SafetensorsHeader header;
    private final MappedBytes map;

    private SafetensorsFile(Path path, SafetensorsHeader header, MappedBytes map) {
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
        return new SafetensorsFile(path, header, MappedBytes.of(path, bytes));
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return header.tensors();
    }

    @Override
    public Tensor tensor(String name) {
        TensorInfo info = info(name);
        return Scopes.scoped(
                () -> map.vector(info.offset(), info.bytes(), info.dtype()).view(info.dimensions()));
    }

    @Override
    public Tensor read(String name) {
        TensorInfo info = info(name);
        return Scopes.scoped(
                () -> map.read(info.offset(), info.bytes(), info.dtype()).view(info.dimensions()));
    }

    @Override
    public void read(String name, Tensor into) {
        TensorInfo info = info(name);
        if (DType.of(into) == info.dtype() && into.is_contiguous() && into.is_cpu()) {
            map.read(info.offset(), into);
        } else {
            TensorFile.super.read(name, into);
        }
    }

    private TensorInfo info(String name) {
        TensorInfo info = header.tensors().get(name);
        if (info == null) {
            throw new CheckpointException("no tensor " + CheckpointException.quote(name) + " in " + path);
        }
        return info;
    }

    @Override
    public void close() {
        map.close();
    }
}
