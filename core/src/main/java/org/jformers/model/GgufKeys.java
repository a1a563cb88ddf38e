package org.jformers.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.BiConsumer;

/** The usual keys of GGUF files, under their names there (without the architecture) and in {@code config.json}. */
public final class GgufKeys {
    private GgufKeys() {}

    private record Both(BiConsumer<GgufHead, ObjectNode> reader, BiConsumer<ObjectNode, GgufValues> writer)
            implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            reader.accept(file, config);
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            writer.accept(config, file);
        }
    }

    /** A number of things that both must say. */
    public static GgufKey size(String file, String config) {
        return new Both(
                (head, json) -> json.put(config, head.size(file)),
                (json, values) -> values.put(file, integer(json, config)));
    }

    /** A number of things that the configuration need not say. */
    public static GgufKey size(String file, String config, int otherwise) {
        return new Both(
                (head, json) -> json.put(config, head.size(file, otherwise)),
                (json, values) -> values.put(file, isNull(json, config) ? otherwise : integer(json, config)));
    }

    /** A number that the configuration need not say. */
    public static GgufKey real(String file, String config, double otherwise) {
        return new Both(
                (head, json) -> json.put(config, head.real(file)),
                (json, values) -> values.put(file, (float) json.path(config).asDouble(otherwise)));
    }

    /** A value of the configuration that llama.cpp takes for granted; a missing one means the same. */
    public static GgufKey fixed(String config, Object value) {
        JsonNode node = ConfigJson.node(value);
        return new Both((head, json) -> json.set(config, node), (json, values) -> require(json, config, node));
    }

    /** The same where files are not told apart by it: only checked when one is written. */
    public static GgufKey required(String config, Object value) {
        JsonNode node = ConfigJson.node(value);
        return new Both((head, json) -> { }, (json, values) -> require(json, config, node));
    }

    /** A value that only the file says. */
    public static GgufKey inFile(String file, Object value) {
        return new Both((head, json) -> { }, (json, values) -> values.put(file, value));
    }

    /** Whether the file has a tensor. */
    public static GgufKey present(String tensor, String config) {
        return new Both((head, json) -> json.put(config, head.hasTensor(tensor)), (json, values) -> { });
    }

    /** Whether the output layer shares the token table. */
    public static GgufKey tied() {
        return new Both(
                (head, json) -> json.put("tie_word_embeddings", !head.hasTensor("output.weight")),
                (json, values) -> { });
    }

    /** An integer of the configuration. */
    public static int integer(ObjectNode config, String key) {
        if (!config.path(key).isIntegralNumber()) {
            throw new ConfigException("gguf: got " + key + " " + config.get(key) + ", allowed a number");
        }
        return config.get(key).intValue();
    }

    /** Whether a configuration does not say something. */
    public static boolean isNull(ObjectNode config, String key) {
        return config.path(key).isMissingNode() || config.path(key).isNull();
    }

    private static void require(ObjectNode config, String key, JsonNode value) {
        JsonNode got = config.path(key);
        boolean same = got.isNumber() && value.isNumber()
                ? got.doubleValue() == value.doubleValue()
                : got.equals(value);
        if (!isNull(config, key) && !same) {
            throw new ConfigException(
                    "gguf: got " + key + " " + got + ", which llama.cpp does not do, allowed " + value);
        }
    }
}
