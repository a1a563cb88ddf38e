package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns a word into tokens. */
interface Model {

    /** Appends the tokens of a word; places count the word's characters. */
    void tokenize(Text word, TokenSink out);

    /** The id of a token, {@link Vocabulary#NONE} if there is none. */
    int id(String token);

    /** The token of an id, null if there is none. */
    @Nullable String token(int id);

    /** One more than the largest id. */
    int limit();

    /** Number of tokens. */
    int size();

    /**
     * Puts vocabulary and merges back into the model's JSON, from which reading took them, and the type, which files of
     * old versions do not name.
     */
    void write(ObjectNode model);

    Map<String, Function<Component, Model>> TYPES = Map.of(
            "BPE", Bpe::of,
            "Unigram", Unigram::of,
            "WordPiece", WordPiece::of,
            "WordLevel", WordLevel::of);

    /** In the order in which models of old versions, which do not name their type, are tried. */
    List<String> UNNAMED = List.of("BPE", "WordPiece", "WordLevel", "Unigram");

    /** Reads a model. */
    static Model of(JsonNode node) {
        return node.has("type")
                ? Component.build("model", node, TYPES)
                : Component.guess("model", node, UNNAMED, TYPES);
    }
}
