package org.jformers.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jformers.text.ForeignJson;

/** Reads {@code config.json} into the record of its family, strictly, and writes it back with every key it had. */
public final class AutoConfig {
    private static final JsonMapper MAPPER = ForeignJson.mapper()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .addModule(new NullableNumbers())
            // Components that are null are missing keys; a null among the other keys is the file's own.
            .defaultPropertyInclusion(JsonInclude.Value.construct(Include.NON_NULL, Include.ALWAYS))
            .build();

    private static final long MAX_BYTES = 50_000_000;

    private AutoConfig() {}

    /**
     * Reads {@code config.json} of a model folder, or what stands for it in a GGUF file.
     *
     * @throws ConfigException if it is missing, is no JSON object, lacks a key or has a value of the wrong kind
     */
    public static Config load(Path folder) {
        if (Files.isRegularFile(folder) && GgufConfig.isNamed(folder)) {
            return parse(GgufConfig.read(folder), folder.toString());
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
            return parse(MAPPER.readTree(Files.readString(file)), file.toString());
        } catch (JsonProcessingException e) {
            throw new ConfigException("config.json: no valid JSON, " + ForeignJson.problem(e) + ", in " + file, e);
        } catch (IOException e) {
            throw new ConfigException("config.json: cannot be read, " + e.getMessage() + ", in " + file, e);
        }
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
        ConfigNumbers.requireCounts(json, where);
        return parse(family(type.textValue(), where), json, where);
    }

    private static ModelFamily<?> family(String modelType, String where) {
        try {
            return ModelFamilies.of(modelType);
        } catch (ConfigException e) {
            throw new ConfigException(e.getMessage() + ", in " + where, e);
        }
    }

    private static <C extends Config> C parse(ModelFamily<C> family, JsonNode json, String where) {
        try {
            C config = MAPPER.treeToValue(json, family.configType());
            new ConfigNumbers(MAPPER.getDeserializationConfig(), family.modelType(), where)
                    .check(json, family.configType());
            return config;
        } catch (JsonMappingException e) {
            List<String> keys = e.getPath().stream()
                    .map(JsonMappingException.Reference::getFieldName)
                    .filter(Objects::nonNull) // a place in a list
                    .toList();
            JsonNode value = json.at("/" + String.join("/", keys));
            throw new ConfigException(family.modelType() + ": key " + String.join(".", keys)
                    + (value.isMissingNode() ? " is missing" : " has an unsupported value, got " + value)
                    + ", in " + where, e);
        } catch (JsonProcessingException e) {
            throw new ConfigException(family.modelType() + ": " + e.getOriginalMessage() + ", in " + where, e);
        }
    }

    /** The configuration as a JSON object, keys in alphabetical order, absent values left out. */
    public static ObjectNode toJson(Config config) {
        return sorted(MAPPER.valueToTree(config));
    }

    /** A value as JSON. */
    static JsonNode node(Object value) {
        return MAPPER.valueToTree(value);
    }

    /** The same object with its keys in alphabetical order. */
    static ObjectNode sorted(ObjectNode json) {
        Map<String, JsonNode> byKey = new TreeMap<>();
        json.properties().forEach(entry -> byKey.put(entry.getKey(), entry.getValue()));
        ObjectNode sorted = MAPPER.createObjectNode();
        byKey.forEach(sorted::set);
        return sorted;
    }

    /** The text of {@code config.json}. */
    static String text(ObjectNode json) {
        return ForeignJson.pretty(json) + "\n";
    }

    /** Whether models of a {@code model_type} are also read from GGUF files. */
    public static boolean readsGguf(String modelType) {
        return GgufConfig.ARCHITECTURES.contains(modelType);
    }
}
