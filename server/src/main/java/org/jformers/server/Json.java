package org.jformers.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jformers.text.ForeignJson;

/** JSON of requests, within bounds, and of answers. */
final class Json {
    private static final int DEEPEST = 64;
    /** Brackets, names and values: what a tree of them takes is bounded by it, whatever the body is. */
    private static final int MOST_TOKENS = 100_000;
    private static final int LONGEST_NUMBER = 100;
    private static final int LONGEST_NAME = 1_000;

    private final JsonMapper mapper;

    /** @param bytes most bytes of a body, and so characters of a text */
    Json(int bytes) {
        StreamReadConstraints constraints = StreamReadConstraints.builder()
                .maxNestingDepth(DEEPEST)
                .maxTokenCount(MOST_TOKENS)
                .maxNumberLength(LONGEST_NUMBER)
                .maxNameLength(LONGEST_NAME)
                .maxStringLength(bytes)
                .maxDocumentLength(bytes)
                .build();
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(constraints)
                // Names of fields are the client's: kept for all times, they would be its memory in ours.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .build();
        mapper = JsonMapper.builder(factory)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    /** An object; throws {@link ApiException} for everything else, quoting nothing of it. */
    ObjectNode object(byte[] body) {
        JsonNode node = read(body);
        if (!(node instanceof ObjectNode object)) {
            throw new ApiException(ApiException.Kind.INVALID, "body: got no JSON object, allowed one");
        }
        return object;
    }

    private JsonNode read(byte[] body) {
        try {
            return mapper.readTree(body);
        } catch (JsonProcessingException e) {
            throw new ApiException(ApiException.Kind.INVALID, "body: got no valid JSON, " + ForeignJson.problem(e));
        } catch (IOException e) {
            throw new ApiException(ApiException.Kind.INVALID, "body: got no UTF-8");
        }
    }

    /** A value of a text within a request, as arguments of functions are; throws {@link ApiException}. */
    JsonNode read(String text) {
        try {
            return mapper.readTree(text);
        } catch (JsonProcessingException e) {
            throw new ApiException(ApiException.Kind.INVALID, "got no valid JSON, " + ForeignJson.problem(e));
        }
    }

    /** A value as plain data: maps, lists, texts, numbers, truth values and null. */
    Object plain(JsonNode node) {
        return mapper.convertValue(node, Object.class);
    }

    /** Anything as a tree. */
    JsonNode tree(Object value) {
        return mapper.valueToTree(value);
    }

    byte[] bytes(JsonNode node) {
        try {
            return mapper.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always writable", e);
        }
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }
}
