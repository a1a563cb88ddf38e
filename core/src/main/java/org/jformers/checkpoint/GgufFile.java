package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.gguf.GgufType;
import org.jformers.checkpoint.packed.WeightQuantization;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.gguf.GgufMetadata;

/**
 * A GGUF file, as llama.cpp reads it, under its names, or under those and in the layout of the model folder that it was
 * made from ({@link GgufTensors}). Format: the GGUF specification of ggml.
 *
 * <p>Plain elements are views of one memory map. Blocks become float32 when they are asked for, a piece of the file at
 * a time; {@link GgufType} says which kinds there are. Other types are refused by name.
 */
public final class GgufFile implements TensorFile {
    private final Path path;
    private final Map<String, Placed> places;
    private final Map<String, TensorInfo> tensors;
    private final MappedBytes map;

    /** A tensor as it lies in the file, and what makes it the one of the model folder. */
    private record Placed(GgufType type, long[] shape, long offset, long bytes, GgufTensors.Target target) {}

    private GgufFile(Path path, Map<String, Placed> places, MappedBytes map) {
        this.path = path;
        this.places = places;
        this.map = map;
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        places.forEach((name, placed) -> infos.put(name, info(name, placed)));
        tensors = Collections.unmodifiableMap(infos);
    }

    /**
     * Reads the head and maps the file; tensors keep the names that they have in it.
     *
     * @throws org.jformers.JformersException if the file is damaged, or has elements of a type that is not supported
     */
    public static GgufFile open(Path path) {
        return open(path, GgufTensors.PLAIN);
    }

    /**
     * Reads the head and maps the file; tensors get the names and the layout of a model folder.
     *
     * @throws org.jformers.JformersException if the file is damaged, has elements of a type that is not supported, or a
     *     tensor that the folder knows nothing of
     */
    public static GgufFile open(Path path, GgufTensors names) {
        GgufMetadata head = GgufMetadata.read(path);
        try {
            long size = Files.size(path);
            return new GgufFile(path, places(head, size, names), MappedBytes.of(path, size));
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + path + ": " + CheckpointException.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("not a GGUF file that can be read: " + e.getMessage() + ", in " + path, e);
        }
    }

    private static Map<String, Placed> places(GgufMetadata head, long size, GgufTensors names) {
        Map<String, Placed> places = new LinkedHashMap<>();
        for (GgufMetadata.TensorEntry entry : head.tensors()) {
            if (names.ignores(entry.name())) {
                continue;
            }
            String what = "tensor " + quote(entry.name());
            GgufType type = GgufType.of(entry.type(), what);
            long bytes = type.bytes(entry.shape(), what);
            if (entry.offset() > size - head.dataStart() || bytes > size - head.dataStart() - entry.offset()) {
                throw new IllegalArgumentException(
                        what + " of " + bytes + " bytes reaches beyond the end of the file at " + size);
            }
            long offset = head.dataStart() + entry.offset();
            long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
            GgufTensors.Target target = names.inFolder(entry.name()).orElseThrow(() ->
                    new IllegalArgumentException(what + " has no counterpart in a model folder"));
            if (places.put(target.name(), new Placed(type, shape, offset, bytes, target)) != null) {
                throw new IllegalArgumentException(what + " is there twice");
            }
        }
        requireSeparate(places);
        return places;
    }

    private static void requireSeparate(Map<String, Placed> places) {
        List<Placed> inOrder = new ArrayList<>(places.values());
        inOrder.sort(Comparator.comparingLong(Placed::offset).thenComparingLong(Placed::bytes));
        long end = 0;
        for (Placed placed : inOrder) {
            if (placed.offset() < end) {
                throw new IllegalArgumentException("tensor " + quote(placed.target().name()) + " overlaps another one");
            }
            end = placed.offset() + placed.bytes();
        }
    }

    private static TensorInfo info(String name, Placed placed) {
        DType dtype = placed.type().dtype();
        long elements = LongStream.of(placed.shape()).reduce(1, (a, b) -> a * b);
        return new TensorInfo(
                name, dtype, folderShape(name, placed), placed.offset(), elements * dtype.bytes());
    }

    private static List<Long> folderShape(String name, Placed placed) {
        List<Long> shape = LongStream.of(placed.shape()).boxed().toList();
        try {
            return placed.target().change().folderShape(shape);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "tensor " + quote(name) + " of shape " + shape + " " + e.getMessage(), e);
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    /** Other blocks have scales of their own, or zero points that are no whole numbers. */
    @Override
    public Optional<WeightQuantization.Grid> grid() {
        return places.values().stream().anyMatch(placed -> placed.type() == GgufType.Q4_0)
                ? Optional.of(new WeightQuantization.Grid(4, GgufType.Q4_0.blockElements()))
                : Optional.empty();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    @Override
    public Tensor tensor(String name) {
        Placed placed = placed(name);
        return Scopes.scoped(() -> placed.type().isPlain()
                ? changed(placed, map.vector(placed.offset(), placed.bytes(), placed.type().dtype()))
                : read(name));
    }

    @Override
    public Tensor read(String name) {
        Placed placed = placed(name);
        return Scopes.scoped(() -> {
            GgufType type = placed.type();
            return changed(placed, type.isPlain()
                    ? map.read(placed.offset(), placed.bytes(), type.dtype())
                    : numbers(name, placed));
        });
    }

    /** The elements of blocks, one piece of the file after the other. */
    private Tensor numbers(String name, Placed placed) {
        GgufType type = placed.type();
        Tensor numbers = Tensors.empty(ScalarType.Float, placed.bytes() / type.blockBytes() * type.blockElements());
        if (numbers.numel() == 0) {
            return numbers;
        }
        FloatPointer memory = new FloatPointer(numbers.data_ptr());
        float[][] values = new float[1][];
        map.eachPiece(placed.offset(), placed.bytes(), type.blockBytes(), (bytes, count, done) -> {
            int blocks = count / type.blockBytes();
            int elements = blocks * type.blockElements();
            if (values[0] == null) {
                values[0] = new float[elements];
            }
            type.read(bytes, blocks, values[0]);
            Numbers.requireFinite(values[0], elements, () -> "tensor " + quote(name) + ", in " + path);
            memory.position(done / type.blockBytes() * type.blockElements()).put(values[0], 0, elements);
        });
        return numbers;
    }

    private static Tensor changed(Placed placed, Tensor values) {
        return placed.target().change().toFolder(values.view(placed.shape()));
    }

    private Placed placed(String name) {
        Placed placed = places.get(name);
        if (placed == null) {
            throw new CheckpointException("no tensor " + quote(name) + " in " + path);
        }
        return placed;
    }

    @Override
    public void close() {
        map.close();
    }
}
