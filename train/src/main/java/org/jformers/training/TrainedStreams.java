package org.jformers.training;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.nn.Parameter;
import org.jformers.objective.StreamMemory;
import org.jformers.tensor.Scopes;

/**
 * What a run trains on rows that go on from batch to batch. A checkpoint has the memory beside the parameters: it comes
 * of parameters that have changed since, so that it cannot be computed again.
 *
 * @param trained what has the parameters
 * @param memory what the last batch left; the caller's
 */
public record TrainedStreams(Trainable trained, StreamMemory memory) implements Trainable {
    private static final String MEMORY = "memory.safetensors";

    @Override
    public Map<String, Parameter> parameters() {
        return trained.parameters();
    }

    @Override
    public Set<String> storedNames(String parameter) {
        return trained.storedNames(parameter);
    }

    @Override
    public void train(boolean on) {
        trained.train(on);
    }

    @Override
    public boolean training() {
        return trained.training();
    }

    @Override
    public Snapshot snapshot() {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        memory.tensors().forEach((name, states) ->
                copies.put(name, Scopes.get(() -> Scopes.keep(states.clone()))));
        return new WithMemory(trained.snapshot(), copies);
    }

    private record WithMemory(Snapshot trained, Map<String, Tensor> memory) implements Snapshot {
        @Override
        public void write(Path folder) {
            trained.write(folder);
            if (!memory.isEmpty()) {
                SafetensorsWriter.write(folder.resolve(MEMORY), memory);
            }
        }

        @Override
        public long bytes() {
            return trained.bytes() + memory.values().stream().mapToLong(TrainingCheckpoint::bytes).sum();
        }

        @Override
        public void close() {
            trained.close();
            memory.values().forEach(Tensor::close);
        }
    }

    @Override
    public void restore(Path folder) {
        trained.restore(folder);
        memory.close();
        Path file = folder.resolve(MEMORY);
        if (Files.exists(file)) {
            try (Checkpoint saved = Checkpoint.open(file)) {
                Scopes.run(() -> memory.restore(saved.tensors()));
            }
        }
    }
}
