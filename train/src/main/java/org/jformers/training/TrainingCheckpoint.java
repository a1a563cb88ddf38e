package org.jformers.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything a run needs to go on as if it had never stopped: the model folder, the optimizer's state, the random state
 * and the progress. A checkpoint is written under another name and renamed when it is complete, so that one with the
 * right name is never a half one.
 */
public final class TrainingCheckpoint {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingCheckpoint.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PREFIX = "checkpoint-";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String PROGRESS = "progress.json";
    private static final String STATES = "states.json";
    private static final String RANDOM = "random_state";

    private TrainingCheckpoint() {}

    /**
     * A copy of where a run stands, to be written while the run goes on. The caller closes it.
     *
     * @param parts what is trained and how
     * @param stateful further parts of the run with a state
     */
    public static Copy copy(TrainingLoop.Parts parts, List<? extends Stateful> stateful, TrainingProgress progress) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Scopes.run(() -> {
            parts.optimizer().state().forEach((name, tensor) -> tensors.put(name, Scopes.keep(tensor.clone())));
            tensors.put(RANDOM, Scopes.keep(Seeds.state()));
        });
        ObjectNode states = JSON.createObjectNode();
        stateful.forEach(part -> states.set(part.name(), part.state()));
        return new Copy(parts.trained().snapshot(), tensors, states, progress);
    }

    /**
     * Writes a checkpoint into {@code folder} and removes all but the newest {@code keep}, and what an interrupted save
     * left. Returns where it is.
     */
    public static Path save(Path folder, TrainingLoop.Parts parts, TrainingProgress progress, int keep) {
        try (Copy copy = copy(parts, List.of(), progress)) {
            return copy.write(folder, keep);
        }
    }

    /** Writes files into a folder. */
    @FunctionalInterface
    interface FolderWriter {
        void write(Path folder) throws IOException;
    }

    /**
     * Makes a folder anew: it is written under another name and renamed when it is complete, so that one with the right
     * name is never a half one.
     *
     * @param bytes how many will be written at least; where they have no room nothing is begun
     */
    static void replace(Path folder, long bytes, FolderWriter writer) {
        Path unfinished = folder.resolveSibling("." + folder.getFileName() + ".unfinished");
        try {
            remove(unfinished);
            requireSpace(folder, bytes);
            writer.write(unfinished);
            discard(folder);
            Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unwritten(e, folder.resolveSibling(""));
        } finally {
            removeQuietly(unfinished); // half of it is worth nothing and fills the disk
        }
    }

    private static void requireSpace(Path folder, long bytes) throws IOException {
        Path parent = Files.createDirectories(folder.resolveSibling(""));
        long free = Files.getFileStore(parent).getUsableSpace();
        if (bytes > free) {
            throw new CheckpointException(String.format(Locale.ROOT,
                    "checkpoint: got %,d bytes to write, allowed %,d, which are free, in %s", bytes, free, folder));
        }
    }

    private static CheckpointException unwritten(IOException e, Path folder) {
        return new CheckpointException("checkpoint: cannot be written, " + e.getMessage() + ", in " + folder, e);
    }

    /** Where a run stood. Owns its tensors until closed. */
    public static final class Copy implements AutoCloseable {
        private final Trainable.Snapshot trained;
        private final Map<String, Tensor> tensors;
        private final ObjectNode states;
        private final TrainingProgress progress;

        private Copy(
                Trainable.Snapshot trained,
                Map<String, Tensor> tensors,
                ObjectNode states,
                TrainingProgress progress) {
            this.trained = trained;
            this.tensors = tensors;
            this.states = states;
            this.progress = progress;
        }

        /** Writes it as a checkpoint of {@code folder}, as {@link TrainingCheckpoint#save} does. On any thread. */
        public Path write(Path folder, int keep) {
            Path finished = folder.resolve(PREFIX + String.format("%09d", progress.step()));
            try {
                removeLeftovers(folder);
                long bytes = trained.bytes() + tensors.values().stream().mapToLong(TrainingCheckpoint::bytes).sum();
                replace(finished, bytes, unfinished -> {
                    trained.write(unfinished);
                    SafetensorsWriter.write(unfinished.resolve(OPTIMIZER), tensors);
                    AtomicFile.write(unfinished.resolve(STATES), JSON.writeValueAsBytes(states));
                    AtomicFile.write(unfinished.resolve(PROGRESS), JSON.writeValueAsBytes(progress));
                });
                for (Path old : all(folder).skip(keep).toList()) {
                    discard(old);
                }
                return finished;
            } catch (IOException e) {
                throw unwritten(e, folder);
            }
        }

        @Override
        public void close() {
            trained.close();
            tensors.values().forEach(Tensor::close);
        }
    }

    /** How many bytes a tensor takes. */
    static long bytes(Tensor tensor) {
        return tensor.numel() * tensor.element_size();
    }

    /** The newest checkpoint of a folder. */
    public static Optional<Path> newest(Path folder) {
        try {
            return all(folder).findFirst();
        } catch (IOException e) {
            throw new CheckpointException("checkpoint: cannot be listed, " + e.getMessage() + ", in " + folder, e);
        }
    }

    /**
     * The newest checkpoints of a folder, each of which holds the whole model.
     *
     * @param count how many, >= 1
     * @throws CheckpointException if there are not as many, or they hold adapters
     */
    public static List<Path> newest(Path folder, int count) {
        try {
            List<Path> found = all(folder).toList();
            if (count < 1 || count > found.size()) {
                throw new CheckpointException("checkpoints: got " + count + " to take, allowed 1 to " + found.size()
                        + ", as many as the run kept (records.keep_checkpoints), in " + folder);
            }
            for (Path checkpoint : found.subList(0, count)) {
                if (TrainedModel.isAdapted(checkpoint)) {
                    throw new CheckpointException("checkpoints: got an adapter beside the model, allowed whole models,"
                            + " in " + checkpoint);
                }
            }
            return found.subList(0, count);
        } catch (IOException e) {
            throw new CheckpointException("checkpoint: cannot be listed, " + e.getMessage() + ", in " + folder, e);
        }
    }

    /**
     * Takes over a checkpoint: parameters, optimizer, random state and the further parts. Returns how far it was.
     *
     * @throws CheckpointException if it is damaged; nothing may be done with {@code parts} then
     */
    public static TrainingProgress restore(
            Path checkpoint, TrainingLoop.Parts parts, List<? extends Stateful> stateful) {
        TrainingProgress progress = progress(checkpoint);
        JsonNode states = json(checkpoint, STATES, JsonNode.class);
        for (Stateful part : stateful) {
            if (states.has(part.name())) { // a part that the run did not have then starts anew
                part.restore(states.get(part.name()));
            }
        }
        try (Checkpoint optimizer = Checkpoint.open(checkpoint.resolve(OPTIMIZER))) {
            parts.trained().restore(checkpoint);
            Scopes.run(() -> {
                Map<String, Tensor> state = new LinkedHashMap<>(optimizer.tensors());
                Seeds.restore(state.remove(RANDOM));
                parts.optimizer().restore(state);
            });
            return progress;
        } catch (JformersException e) {
            throw damaged(e.getMessage(), checkpoint, e);
        }
    }

    /**
     * How far a checkpoint is.
     *
     * @throws CheckpointException if it does not tell
     */
    public static TrainingProgress progress(Path checkpoint) {
        return json(checkpoint, PROGRESS, TrainingProgress.class);
    }

    private static <T> T json(Path checkpoint, String file, Class<T> type) {
        try {
            return JSON.readValue(checkpoint.resolve(file).toFile(), type);
        } catch (JsonProcessingException e) {
            throw damaged(file + " is no valid JSON, " + e.getOriginalMessage(), checkpoint, e);
        } catch (IOException e) {
            throw damaged(file + ": " + e.getMessage(), checkpoint, e);
        }
    }

    private static CheckpointException damaged(String what, Path checkpoint, Exception cause) {
        return new CheckpointException(
                "checkpoint: " + what + "; remove " + checkpoint + " to go on from the one before", cause);
    }

    /** Complete checkpoints, the newest first. */
    private static Stream<Path> all(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(file -> file.getFileName().toString().startsWith(PREFIX))
                    .sorted(Comparator.comparing(Path::getFileName).reversed())
                    .toList();
            return found.stream();
        }
    }

    /** What saves and removals that were killed left; their names are hidden. */
    private static void removeLeftovers(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path left : files.filter(file -> file.getFileName().toString().startsWith("." + PREFIX)).toList()) {
                remove(left);
            }
        }
    }

    /** Removes a checkpoint; killed meanwhile, it leaves no half one under the name of a complete one. */
    private static void discard(Path checkpoint) throws IOException {
        if (Files.exists(checkpoint)) {
            Path hidden = checkpoint.resolveSibling("." + checkpoint.getFileName() + ".removed");
            Files.move(checkpoint, hidden, StandardCopyOption.ATOMIC_MOVE);
            remove(hidden);
        }
    }

    private static void removeQuietly(Path folder) {
        try {
            remove(folder);
        } catch (IOException e) {
            LOG.warn("cannot remove {}", folder, e);
        }
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
