package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The JSON of one component of a tokenizer.json, read with errors that name the place.
 *
 * @param kind what it is: normalizer, pre-tokenizer, model, post-processor, decoder
 * @param node its JSON object
 */
record Component(String kind, JsonNode node) {
    private static final int SHOWN = 80;

    /** Builds the component by its type. */
    static <T> T build(String kind, JsonNode node, Map<String, Function<Component, T>> known) {
        Component component = of(kind, node, known.keySet());
        return known.get(node.path("type").asText()).apply(component);
    }

    /** The component, whose type is one of those that are known. */
    static Component of(String kind, JsonNode node, Set<String> known) {
        if (node == null || !node.isObject()) {
            throw new TokenizerException(kind + " must be an object, got " + shown(node));
        }
        String type = node.path("type").asText("");
        if (!known.contains(type)) {
            throw new TokenizerException(
                    "unknown " + kind + " type \"" + type + "\", known: "
                            + String.join(", ", new TreeSet<>(known)));
        }
        return new Component(kind + " " + type, node);
    }

    boolean has(String field) {
        return node.hasNonNull(field);
    }

    String text(String field) {
        return value(field, JsonNode::isTextual, "a string").textValue();
    }

    String text(String field, String fallback) {
        return has(field) ? text(field) : fallback;
    }

    int integer(String field) {
        return value(field, JsonNode::canConvertToInt, "an integer").intValue();
    }

    int integer(String field, int fallback) {
        return has(field) ? integer(field) : fallback;
    }

    boolean flag(String field, boolean fallback) {
        return has(field) ? value(field, JsonNode::isBoolean, "true or false").booleanValue() : fallback;
    }

    /** The only character of a string. */
    int character(String field, int fallback) {
        if (!has(field)) {
            return fallback;
        }
        String text = text(field);
        if (text.codePointCount(0, text.length()) != 1) {
            throw new TokenizerException(kind + ": " + field + " must be one character, got \"" + text + "\"");
        }
        return text.codePointAt(0);
    }

    /** The elements of an array; an absent one is empty. */
    List<JsonNode> list(String field) {
        List<JsonNode> list = new ArrayList<>();
        if (has(field)) {
            value(field, JsonNode::isArray, "an array").forEach(list::add);
        }
        return list;
    }

    JsonNode object(String field) {
        return value(field, JsonNode::isObject, "an object");
    }

    TokenizerException error(String message) {
        return new TokenizerException(kind + ": " + message);
    }

    private JsonNode value(String field, Function<JsonNode, Boolean> valid, String expected) {
        JsonNode value = node.path(field);
        if (!valid.apply(value)) {
            throw error(field + " must be " + expected + ", got " + shown(value));
        }
        return value;
    }

    /** A JSON value for a message, cut where it is long. */
    private static String shown(JsonNode value) {
        if (value == null || value instanceof MissingNode) {
            return "nothing";
        }
        String text = value.toString();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }
}
