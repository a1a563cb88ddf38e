package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.function.Function;

/** Turns a word into tokens. */
interface Model {

    /** Appends the tokens of a word; places count the word's characters. */
    void tokenize(Text word, TokenSink out);

    /** The id of a token, {@link Vocabulary#NONE} if there is none. */
    int id(String token);

    /** The token of an id, null if there is none. */
    String token(int id);

    /** One more than the largest id. */
    int limit();

    /** Number of tokens. */
    int size();

    /** Puts vocabulary and merges back into the model's JSON, from which reading took them. */
    void write(ObjectNode model);

    Map<String, Function<Component, Model>> TYPES = Map.of(
            "BPE", Bpe::of,
            "Unigram", Unigram::of,
            "WordPiece", WordPiece::of,
            "WordLevel", WordLevel::of);

    /** Reads a model; files of old versions do not name its type, which is added to the JSON. */
    static Model of(JsonNode node) {
        if (node instanceof ObjectNode object && !object.has("type")) {
            object.put("type", typeByFields(object));
        }
        return Component.build("model", node, TYPES);
    }

    private static String typeByFields(ObjectNode node) {
        if (node.has("merges")) {
            return "BPE";
        }
        if (node.path("vocab").isArray()) {
            return "Unigram";
        }
        return node.has("continuing_subword_prefix") ? "WordPiece" : "WordLevel";
    }
}
