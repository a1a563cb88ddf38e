package org.jformers.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.CheckpointWriter;
import org.jformers.checkpoint.packed.WeightQuantization;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;

/** Writes a model as a folder that Python loads. */
final class ModelFolder {
    private ModelFolder() {}

    static void save(Model model, Path folder, Map<String, Tensor> weights) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CheckpointException("model folder: cannot be made, " + e.getMessage() + ", " + folder, e);
        }
        Scopes.run(() -> {
            Optional<QuantizedWeights> quantized =
                    QuantizedWeights.isIn(model) ? Optional.of(QuantizedWeights.of(model)) : Optional.empty();
            Map<String, Tensor> tensors = new LinkedHashMap<>(model.named(weights));
            quantized.ifPresent(matrices -> tensors.putAll(matrices.tensors()));
            CheckpointWriter.write(folder, tensors);
            saveConfig(model, folder, quantized.map(QuantizedWeights::settings));
        });
    }

    static void saveConfig(Model model, Path folder) {
        saveConfig(model, folder, Optional.empty());
    }

    private static void saveConfig(Model model, Path folder, Optional<ObjectNode> quantization) {
        ObjectNode json = ConfigJson.of(model.config());
        json.put("model_type", model.identity().family().modelType());
        json.putArray("architectures").add(model.identity().architecture());
        json.put("dtype", precision(model).configName());
        json.remove("torch_dtype");
        json.remove(CommonConfig.APART); // readers see it from the weights
        quantization.ifPresent(settings -> json.set(WeightQuantization.KEY, settings));
        AtomicFile.write(folder.resolve("config.json"),
                ConfigJson.text(ConfigJson.sorted(json)).getBytes(StandardCharsets.UTF_8));
    }

    /** The type of the first parameter; all have the same. */
    static DType precision(Model model) {
        return DType.of(model.network().tensors().values().iterator().next());
    }
}
