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

    /** Reads a model; files of old versions do not name its type. */
    static Model of(JsonNode node) {
        if (node != null && node.isObject() && !node.has("type")) {
            Component component = new Component("model", node);
            if (node.has("merges")) {
                return Bpe.of(component);
            }
            if (node.path("vocab").isArray()) {
                return Unigram.of(component);
            }
            return node.has("continuing_subword_prefix") ? WordPiece.of(component) : WordLevel.of(component);
        }
        return Component.build("model", node, TYPES);
    }
}
