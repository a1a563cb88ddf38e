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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jformers.text.ForeignJson;

/** A configuration as the JSON object of {@code config.json}: read strictly, written back with every key it had. */
public final class ConfigJson {
    private static final JsonMapper MAPPER = ForeignJson.mapper()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .addModule(new NullableNumbers())
            // Components that are null are missing keys; a null among the other keys is the file's own.
            .defaultPropertyInclusion(JsonInclude.Value.construct(Include.NON_NULL, Include.ALWAYS))
            .build();

    private ConfigJson() {}

    /**
     * Reads the record of a family.
     *
     * @param where named in errors
     * @throws ConfigException if a key is missing or has a value of the wrong kind or out of its range
     */
    public static <C extends Config> C read(ModelFamily<C> family, JsonNode json, String where) {
        ConfigNumbers.requireCounts(json, where);
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
    public static ObjectNode of(Config config) {
        return sorted(MAPPER.valueToTree(config));
    }

    /** The value of a key as JSON. */
    public static JsonNode node(Object value) {
        return MAPPER.valueToTree(value);
    }

    /** A text as JSON. */
    static JsonNode tree(String json) throws JsonProcessingException {
        return MAPPER.readTree(json);
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
}
