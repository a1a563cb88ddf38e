package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * The weights of a model folder, or of one file, by name. Of a folder the first of these is taken, in the order of
 * transformers: {@code model.safetensors}, the shards that {@code model.safetensors.index.json} lists, {@code
 * pytorch_model.bin}, the shards that {@code pytorch_model.bin.index.json} lists. A format that is refused is never
 * replaced by another one.
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
     * @throws CheckpointException if there are none, or a file is broken, or the index and the shards disagree
     */
    public static Checkpoint open(Path path) {
        if (Files.isRegularFile(path)) {
            return open(path, List.of(path));
        }
        if (!Files.isDirectory(path)) {
            throw new CheckpointException("no such model folder: " + path);
        }
        for (String single : SINGLES) {
            Path whole = path.resolve(single);
            Path index = path.resolve(single + ShardIndex.SUFFIX);
            if (Files.exists(whole)) {
                return open(path, List.of(whole));
            }
            if (Files.exists(index)) {
                return sharded(path, index);
            }
        }
        throw new CheckpointException(
                "no weights: none of " + SINGLES + " nor an index of their shards is in " + path);
    }

    private static Checkpoint sharded(Path folder, Path indexFile) {
        Map<String, String> shards = ShardIndex.read(indexFile).shards();
        List<Path> paths = Set.copyOf(shards.values()).stream().sorted().map(folder::resolve).toList();
        for (Path path : paths) {
            if (!Files.isRegularFile(path)) {
                throw new CheckpointException("shard " + path.getFileName() + " is missing, listed in " + indexFile);
            }
        }
        Checkpoint checkpoint = open(folder, paths);
        checkpoint.paths.add(indexFile);
        try {
            checkpoint.requireAgreement(shards, indexFile);
            return checkpoint;
        } catch (CheckpointException e) {
            checkpoint.close();
            throw e;
        }
    }

    private static Checkpoint open(Path source, List<Path> paths) {
        Checkpoint checkpoint =
                new Checkpoint(source, new ArrayList<>(paths), new ArrayList<>(), new LinkedHashMap<>());
        try {
            for (Path path : paths) {
                TensorFile file = TensorFile.open(path);
                checkpoint.files.add(file);
                for (String name : file.tensors().keySet()) {
                    TensorFile other = checkpoint.holders.put(name, file);
                    if (other != null) {
                        throw new CheckpointException("tensor " + quote(name) + " is both in " + other.path()
                                + " and in " + path);
                    }
                }
            }
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private void requireAgreement(Map<String, String> shards, Path indexFile) {
        shards.forEach((name, shard) -> {
            TensorFile holder = holders.get(name);
            if (holder == null || !holder.path().getFileName().toString().equals(shard)) {
                throw new CheckpointException("tensor " + quote(name) + " is not in " + shard + ", where " + indexFile
                        + " puts it");
            }
        });
        holders.forEach((name, holder) -> {
            if (!shards.containsKey(name)) {
                throw new CheckpointException("tensor " + quote(name) + " is in " + holder.path().getFileName()
                        + ", but not listed in " + indexFile);
            }
        });
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
        return holder(name).tensors().get(name);
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

    /** The number of elements of all tensors. */
    public long elements() {
        return names().stream().mapToLong(name -> info(name).elements()).sum();
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
