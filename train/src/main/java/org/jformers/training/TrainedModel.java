package org.jformers.training;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.LoadMode;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.model.Model;
import org.jformers.nn.Parameter;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;

/** A model as what a run trains, adapters on it included. The model stays the caller's. */
public record TrainedModel(Model model) implements Trainable {
    private static final String ADAPTERS = "adapters.safetensors";

    /** Whether what a snapshot wrote holds adapters beside the model. */
    static boolean isAdapted(Path folder) {
        return Files.exists(folder.resolve(ADAPTERS));
    }

    @Override
    public Map<String, Parameter> parameters() {
        return model.network().parameters();
    }

    @Override
    public Set<String> storedNames(String name) {
        Parameter parameter = Objects.requireNonNull(parameters().get(name), name);
        return parameter.role() == Role.ADAPTER
                ? Set.of(name)
                : model.named(Map.of(name, parameter.tensor())).keySet();
    }

    @Override
    public void train(boolean on) {
        model.network().train(on);
    }

    @Override
    public boolean training() {
        return model.network().training();
    }

    @Override
    public Snapshot snapshot() {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        Map<String, Tensor> weights = new LinkedHashMap<>();
        Map<String, Tensor> adapters = new LinkedHashMap<>();
        parameters().forEach((name, parameter) -> {
            Tensor value = parameter.tensor();
            // What cannot change need not be copied; statistics of norms do.
            if (parameter.trained() || !parameter.trainable()) {
                value = Scopes.get(() -> Scopes.keep(parameter.tensor().detach().clone()));
                copies.put(name, value);
            }
            (parameter.role() == Role.ADAPTER ? adapters : weights).put(name, value);
        });
        return new Copy(model, weights, adapters, copies);
    }

    private record Copy(
            Model model, Map<String, Tensor> weights, Map<String, Tensor> adapters, Map<String, Tensor> copies)
            implements Snapshot {
        @Override
        public void write(Path folder) {
            model.save(folder, weights);
            if (!adapters.isEmpty()) {
                SafetensorsWriter.write(folder.resolve(ADAPTERS), adapters);
            }
        }

        @Override
        public long bytes() {
            return Stream.concat(weights.values().stream(), adapters.values().stream())
                    .mapToLong(TrainingCheckpoint::bytes).sum();
        }

        @Override
        public void close() {
            copies.values().forEach(Tensor::close);
        }
    }

    @Override
    public void restore(Path folder) {
        try (Checkpoint weights = Checkpoint.open(folder)) {
            model.identity().weights().load(weights, model.weights(), LoadMode.STRICT);
        }
        Map<String, Tensor> adapters = model.network().tensors();
        adapters.keySet().removeAll(model.weights().keySet());
        if (adapters.isEmpty()) {
            return;
        }
        try (Checkpoint saved = Checkpoint.open(folder.resolve(ADAPTERS)); NoGrad noGrad = new NoGrad()) {
            adapters.forEach((name, tensor) -> Scopes.run(() -> tensor.copy_(saved.tensor(name))));
        }
    }
}
