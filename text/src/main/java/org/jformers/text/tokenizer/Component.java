package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
        return Objects.requireNonNull(known.get(node.path("type").asText())).apply(component);
    }

    /** The component, whose type is one of those that are known. */
    static Component of(String kind, @Nullable JsonNode node, Set<String> known) {
        if (node == null || !node.isObject()) {
            throw new TokenizerException(kind + " must be an object, got " + shown(node));
        }
        String type = node.path("type").isTextual() ? node.get("type").textValue() : "";
        if (!known.contains(type)) {
            throw new TokenizerException(
                    "unknown " + kind + " type \"" + type + "\", known: "
                            + String.join(", ", new TreeSet<>(known)));
        }
        return new Component(kind + " " + type, node);
    }

    /** Builds a component by its type, by its fields if it has no type that is known. */
    static <T> T buildOrGuess(
            String kind, JsonNode node, List<String> types, Map<String, Function<Component, T>> known) {
        boolean named = !node.isObject() || known.containsKey(node.path("type").asText());
        return named ? build(kind, node, known) : guess(kind, node, types, known);
    }

    /**
     * Builds a component that does not name its type, as files of old versions have them: the first type counts whose
     * fields are all there.
     */
    static <T> T guess(String kind, JsonNode node, List<String> types, Map<String, Function<Component, T>> known) {
        TokenizerException ofItsType = null;
        for (String type : types) {
            try {
                return Objects.requireNonNull(known.get(type)).apply(new Component(kind + " " + type, node));
            } catch (TokenizerException e) { // its fields are those of another type, or wrong
                ofItsType = node.path("type").asText().equals(type) ? e : ofItsType;
            }
        }
        if (ofItsType != null) {
            throw ofItsType;
        }
        throw new TokenizerException("unknown " + kind + " type " + shown(node.path("type")) + ", known: "
                + String.join(", ", new TreeSet<>(known.keySet()))
                + "; without a type its fields must be those of one of " + String.join(", ", types));
    }

    boolean has(String field) {
        return node.hasNonNull(field);
    }

    String text(String field) {
        return value(field, JsonNode::isTextual, "a string").textValue();
    }

    /** A string that may be null or missing. */
    Optional<String> optionalText(String field) {
        return has(field) ? Optional.of(text(field)) : Optional.empty();
    }

    /** A string that may be null or missing. */
    String text(String field, String fallback) {
        return has(field) ? text(field) : fallback;
    }

    int integer(String field) {
        return value(field, Component::isCount, "a whole number from 0 on").intValue();
    }

    /** A number that may be missing. */
    int integer(String field, int fallback) {
        return node.has(field) ? integer(field) : fallback;
    }

    boolean flag(String field) {
        return value(field, JsonNode::isBoolean, "true or false").booleanValue();
    }

    /** A flag that may be missing. */
    boolean flag(String field, boolean fallback) {
        return node.has(field) ? flag(field) : fallback;
    }

    /** A flag that may be null or missing. */
    boolean nullableFlag(String field, boolean fallback) {
        return has(field) ? flag(field) : fallback;
    }

    /** The only character of a string. */
    int character(String field) {
        String text = text(field);
        if (text.codePointCount(0, text.length()) != 1) {
            throw error(field + " must be one character, got \"" + text + "\"");
        }
        return text.codePointAt(0);
    }

    /** The elements of an array. */
    List<JsonNode> list(String field) {
        List<JsonNode> list = new ArrayList<>();
        value(field, JsonNode::isArray, "an array").forEach(list::add);
        return list;
    }

    JsonNode object(String field) {
        return value(field, JsonNode::isObject, "an object");
    }

    /** Refuses a field that is not one of some words. */
    void oneOf(String field, List<String> words) {
        if (!words.contains(text(field))) {
            throw error(field + " must be one of " + String.join(", ", words) + ", got \"" + text(field) + "\"");
        }
    }

    static boolean isCount(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 0;
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
    private static String shown(@Nullable JsonNode value) {
        if (value == null || value instanceof MissingNode) {
            return "nothing";
        }
        String text = value.toString();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }
}
