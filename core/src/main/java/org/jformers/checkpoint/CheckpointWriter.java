package org.jformers.checkpoint;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes the weights of a model folder: one file, or shards of limited size with an index, named as transformers names
 * them.
 *
 * <p>One file is replaced in one step. Shards are all written and forced before the first is renamed, the index comes
 * last, and files of an earlier save go only then.
 */
public final class CheckpointWriter {
    /** Big enough that no shard is made of what fits in memory on common machines (transformers: 50 GB). */
    public static final long DEFAULT_SHARD_BYTES = 50_000_000_000L;

    private static final String SHARD_GLOB = "model-?????-of-?????.safetensors";

    private CheckpointWriter() {}

    /**
     * Writes {@code tensors} into {@code folder}, in one file up to {@link #DEFAULT_SHARD_BYTES}.
     *
     * @throws CheckpointException if a file cannot be written; the folder is unchanged then
     */
    public static void write(Path folder, Map<String, Tensor> tensors) {
        write(folder, tensors, DEFAULT_SHARD_BYTES);
    }

    /**
     * Writes {@code tensors} into {@code folder}, in their order into shards of at most {@code maxShardBytes} of
     * tensors; a larger tensor gets a shard of its own.
     *
     * @throws CheckpointException if a file cannot be written; the folder is unchanged then
     */
    public static void write(Path folder, Map<String, Tensor> tensors, long maxShardBytes) {
        List<Map<String, Tensor>> parts = split(tensors, maxShardBytes);
        Set<String> written = new TreeSet<>();
        if (parts.size() == 1) {
            SafetensorsWriter.write(folder.resolve(Checkpoint.SINGLE), tensors);
            written.add(Checkpoint.SINGLE);
        } else {
            written.addAll(writeShards(folder, parts));
            written.add(ShardIndex.FILE);
        }
        removeOthers(folder, written);
    }

    private static List<Map<String, Tensor>> split(Map<String, Tensor> tensors, long maxShardBytes) {
        List<Map<String, Tensor>> parts = new ArrayList<>();
        parts.add(new LinkedHashMap<>());
        long bytes = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            long size = bytes(entry.getValue());
            if (bytes > 0 && bytes + size > maxShardBytes) {
                parts.add(new LinkedHashMap<>());
                bytes = 0;
            }
            parts.get(parts.size() - 1).put(entry.getKey(), entry.getValue());
            bytes += size;
        }
        return parts;
    }

    private static Set<String> writeShards(Path folder, List<Map<String, Tensor>> parts) {
        Map<String, String> shards = new LinkedHashMap<>();
        List<AtomicFile> staged = new ArrayList<>();
        try {
            for (int i = 0; i < parts.size(); i++) {
                String shard = String.format("model-%05d-of-%05d.safetensors", i + 1, parts.size());
                SafetensorsWriter writer = new SafetensorsWriter(parts.get(i), SafetensorsWriter.PYTORCH);
                staged.add(AtomicFile.stage(folder.resolve(shard), writer.bytes(), writer::writeTo));
                parts.get(i).keySet().forEach(name -> shards.put(name, shard));
            }
            long total = parts.stream()
                    .flatMap(part -> part.values().stream())
                    .mapToLong(CheckpointWriter::bytes)
                    .sum();
            byte[] index = new ShardIndex(shards).json(total);
            staged.add(AtomicFile.stage(folder.resolve(ShardIndex.FILE), index));
            staged.forEach(AtomicFile::commit);
        } finally {
            staged.forEach(AtomicFile::close);
        }
        return Set.copyOf(shards.values());
    }

    /** A reader would take weights of an earlier save for these: {@code model.safetensors} wins over an index. */
    private static void removeOthers(Path folder, Set<String> written) {
        try {
            for (String name : List.of(Checkpoint.SINGLE, ShardIndex.FILE)) {
                if (!written.contains(name)) {
                    Files.deleteIfExists(folder.resolve(name));
                }
            }
            try (DirectoryStream<Path> shards = Files.newDirectoryStream(folder, SHARD_GLOB)) {
                for (Path shard : shards) {
                    if (!written.contains(shard.getFileName().toString())) {
                        Files.delete(shard);
                    }
                }
            }
        } catch (IOException e) {
            throw new CheckpointException("cannot remove the weights of an earlier save in " + folder + ": "
                    + CheckpointException.reason(e), e);
        }
    }

    private static long bytes(Tensor tensor) {
        return tensor.numel() * tensor.itemsize();
    }
}
