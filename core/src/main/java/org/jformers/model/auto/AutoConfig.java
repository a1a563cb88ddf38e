package org.jformers.model.auto;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jformers.checkpoint.packed.WeightQuantization;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.ConfigJson;
import org.jformers.model.ModelFamily;
import org.jformers.text.ForeignJson;

/** Reads {@code config.json} into the record of its family, strictly. */
public final class AutoConfig {
    private static final JsonMapper MAPPER = ForeignJson.mapper().build();

    private static final long MAX_BYTES = 50_000_000;

    private AutoConfig() {}

    /**
     * Reads {@code config.json} of a model folder, or what stands for it in a GGUF file; without a {@code
     * quantization_config} that is read as the weights are.
     *
     * @throws ConfigException if it is missing, is no JSON object, lacks a key or has a value of the wrong kind
     */
    public static Config load(Path folder) {
        if (Files.isRegularFile(folder) && GgufModels.isNamed(folder)) {
            return parse(GgufModels.config(folder), folder.toString());
        }
        Path file = folder.resolve("config.json");
        if (!Files.isDirectory(folder)) {
            throw new ConfigException("model folder: no such folder, " + folder);
        }
        if (!Files.isRegularFile(file)) {
            throw new ConfigException("config.json: no such file in " + folder);
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ConfigException("config.json: got " + Files.size(file) + " bytes, allowed at most "
                        + MAX_BYTES + ", in " + file);
            }
            return parse(unpacked(MAPPER.readTree(Files.readString(file))), file.toString());
        } catch (JsonProcessingException e) {
            throw new ConfigException("config.json: no valid JSON, " + ForeignJson.problem(e) + ", in " + file, e);
        } catch (IOException e) {
            throw new ConfigException("config.json: cannot be read, " + e.getMessage() + ", in " + file, e);
        }
    }

    /** How weights are stored is no part of the model where they are read: {@code Checkpoint} hands out numbers. */
    private static JsonNode unpacked(JsonNode json) {
        if (json instanceof ObjectNode object && WeightQuantization.isRead(object.path(WeightQuantization.KEY))) {
            object.remove(WeightQuantization.KEY);
        }
        return json;
    }

    /**
     * Reads a configuration from a JSON object.
     *
     * @param where named in errors
     */
    public static Config parse(JsonNode json, String where) {
        if (json == null || !json.isObject()) {
            throw new ConfigException("config: got no JSON object, in " + where);
        }
        JsonNode type = json.get("model_type");
        if (type == null || !type.isTextual()) {
            throw new ConfigException("config: model_type is missing, allowed "
                    + ModelFamilies.all().stream().map(ModelFamily::modelType).toList() + ", in " + where);
        }
        return ConfigJson.read(family(type.textValue(), where), json, where);
    }

    private static ModelFamily<?> family(String modelType, String where) {
        try {
            return ModelFamilies.of(modelType);
        } catch (ConfigException e) {
            throw new ConfigException(e.getMessage() + ", in " + where, e);
        }
    }

    /** Whether models of a {@code model_type} are also kept in GGUF files. */
    public static boolean readsGguf(String modelType) {
        return ModelFamilies.all().stream()
                .anyMatch(family -> family.modelType().equals(modelType) && !family.gguf().isEmpty());
    }
}
