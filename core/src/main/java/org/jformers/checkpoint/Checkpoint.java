package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.packed.WeightQuantization;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a model folder, or of one file, by name. Of a folder the first of these is taken, in the order of
 * transformers: {@code model.safetensors}, the shards that {@code model.safetensors.index.json} lists, {@code
 * pytorch_model.bin}, the shards that {@code pytorch_model.bin.index.json} lists. A format that is refused is never
 * replaced by another one.
 *
 * <p>Where the folder's {@code quantization_config} says that weights are quantized, by a method that {@link
 * WeightQuantization} reads, they are here under the names that they have unquantized, as float32, made when they are
 * asked for.
 *
 * <p>Owns the memory maps; tensors handed out may outlive it.
 */
public final class Checkpoint implements AutoCloseable {
    static final String SINGLE = "model.safetensors";

    private static final List<String> SINGLES = List.of(SINGLE, "pytorch_model.bin");

    private final Path source;
    private final List<TensorFile> files;
    private final Map<String, TensorFile> holders;

    private final List<Path> paths;

    private Checkpoint(Path source, List<Path> paths, List<TensorFile> files, Map<String, TensorFile> holders) {
        this.source = source;
        this.paths = paths;
        this.files = files;
        this.holders = holders;
    }

    /**
     * Maps the weights of a model folder, or one file. No code in them is run, whatever the format.
     *
     * <p>Of shards, all tensors count, whatever the index says; of one that is in several, the one in the shard that
     * the index names.
     *
     * @throws CheckpointException if there are none, or a file is broken, or a tensor is in several shards and the
     *     index does not choose
     */
    public static Checkpoint open(Path path) {
        if (Files.isRegularFile(path)) {
            return open(path, List.of(path), Map.of());
        }
        if (!Files.isDirectory(path)) {
            throw new CheckpointException("no such model folder: " + path);
        }
        for (String single : SINGLES) {
            Path whole = path.resolve(single);
            Path index = path.resolve(single + ShardIndex.SUFFIX);
            if (Files.exists(whole)) {
                return open(path, List.of(whole), Map.of());
            }
            if (Files.exists(index)) {
                return sharded(path, index);
            }
        }
        throw new CheckpointException(
                "no weights: none of " + SINGLES + " nor an index of their shards is in " + path);
    }

    /**
     * Maps a GGUF file under the names of a model folder.
     *
     * @throws org.jformers.JformersException if it is broken, or holds a tensor that has no such name
     */
    public static Checkpoint open(Path gguf, GgufTensors names) {
        Checkpoint checkpoint =
                new Checkpoint(gguf, List.of(gguf), new ArrayList<>(), new LinkedHashMap<>());
        checkpoint.add(GgufFile.open(gguf, names), Map.of(), new LinkedHashMap<>());
        return checkpoint;
    }

    /** The method by which the weights of a folder are quantized, if it is one that is read. */
    public static Optional<String> quantization(Path folder) {
        return PackedFile.method(folder);
    }

    /** The grid on which quantized weights lie, if there are such weights. */
    public Optional<WeightQuantization.Grid> grid() {
        return files.stream().flatMap(file -> file.grid().stream()).findFirst();
    }

    /** Whether a folder has files with the names of a model's weights. */
    public static boolean isIn(Path folder) {
        return SINGLES.stream().anyMatch(single -> Files.exists(folder.resolve(single))
                || Files.exists(folder.resolve(single + ShardIndex.SUFFIX)));
    }

    private static Checkpoint sharded(Path folder, Path indexFile) {
        Map<String, String> shards = ShardIndex.read(indexFile).shards();
        List<Path> paths = Set.copyOf(shards.values()).stream().sorted().map(folder::resolve).toList();
        for (Path path : paths) {
            if (!Files.isRegularFile(path)) {
                throw new CheckpointException("shard " + path.getFileName() + " is missing, listed in " + indexFile);
            }
        }
        Checkpoint checkpoint = open(folder, paths, shards);
        checkpoint.paths.add(indexFile);
        return checkpoint;
    }

    private static Checkpoint open(Path source, List<Path> paths, Map<String, String> chosen) {
        Checkpoint checkpoint =
                new Checkpoint(source, new ArrayList<>(paths), new ArrayList<>(), new LinkedHashMap<>());
        try {
            Map<String, TensorFile> others = new LinkedHashMap<>();
            for (Path path : paths) {
                checkpoint.add(TensorFile.open(path), chosen, others);
            }
            others.forEach((name, other) -> {
                TensorFile holder = checkpoint.holder(name);
                if (!isNamed(holder, chosen.get(name))) {
                    throw new CheckpointException("tensor " + quote(name) + " is both in " + holder.path() + " and in "
                            + other.path() + ", and the index names neither");
                }
            });
            checkpoint.unpack();
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private void add(TensorFile file, Map<String, String> chosen, Map<String, TensorFile> others) {
        files.add(file);
        for (String name : file.tensors().keySet()) {
            TensorFile other = holders.putIfAbsent(name, file);
            if (other != null) {
                boolean named = isNamed(file, chosen.get(name));
                holders.put(name, named ? file : other);
                others.put(name, named ? other : file);
            }
        }
    }

    /** Puts quantized weights in the place of the tensors that make them up. */
    private void unpack() {
        if (Files.isDirectory(source)) {
            PackedFile.of(source, holders).ifPresent(packed -> {
                holders.keySet().removeAll(packed.parts());
                packed.tensors().keySet().forEach(name -> holders.put(name, packed));
                files.add(packed);
            });
        }
    }

    private static boolean isNamed(TensorFile file, @Nullable String shard) {
        return file.path().getFileName().toString().equals(shard);
    }

    /** The folder or file that was opened. */
    public Path source() {
        return source;
    }

    /** The files that are read: of weights, then the index of them if there is one. */
    public List<Path> paths() {
        return List.copyOf(paths);
    }

    /** The free text of the first file, such as {@code format=pt}. */
    public Map<String, String> metadata() {
        return files.get(0).metadata();
    }

    /** The names of all tensors, in the order of the files. */
    public Set<String> names() {
        return Collections.unmodifiableSet(holders.keySet());
    }

    /**
     * What is known of one tensor without reading it.
     *
     * @throws CheckpointException if there is no tensor of that name
     */
    public TensorInfo info(String name) {
        return Objects.requireNonNull(holder(name).tensors().get(name));
    }

    /**
     * One tensor, a view of the memory map.
     *
     * @throws CheckpointException if there is no tensor of that name
     */
    public Tensor tensor(String name) {
        return holder(name).tensor(name);
    }

    /**
     * The same in memory of its own, read without the map: for what is converted anyway.
     *
     * @throws CheckpointException if there is no tensor of that name, or it cannot be read any more
     */
    Tensor read(String name) {
        return holder(name).read(name);
    }

    /**
     * Fills a tensor of the same shape with the stored one, converted to its type, read without the map.
     *
     * @throws CheckpointException if there is no tensor of that name, or it cannot be read any more
     */
    void read(String name, Tensor into) {
        holder(name).read(name, into);
    }

    /** The number of elements that are stored: once where tensors are views of the same. */
    public long elements() {
        return files.stream().mapToLong(TensorFile::elements).sum();
    }

    /** All tensors by name, in the order of the files. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        holders.forEach((name, file) -> tensors.put(name, file.tensor(name)));
        return tensors;
    }

    /** Gives the maps back, each as soon as no tensor uses it. */
    @Override
    public void close() {
        files.forEach(TensorFile::close);
    }

    private TensorFile holder(String name) {
        TensorFile file = holders.get(name);
        if (file == null) {
            throw new CheckpointException("no tensor " + quote(name) + " in " + source);
        }
        return file;
    }
}
