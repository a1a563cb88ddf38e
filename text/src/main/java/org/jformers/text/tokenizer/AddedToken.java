package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A token that is found in the text before everything else.
 *
 * @param id its id
 * @param content its text
 * @param singleWord it counts only where it stands alone, not inside a word
 * @param lstrip it takes the spaces before it along
 * @param rstrip it takes the spaces after it along
 * @param normalized it is looked for in the normalized text, otherwise in the text as it is
 * @param special it is left out when decoding
 */
record AddedToken(
        int id,
        String content,
        boolean singleWord,
        boolean lstrip,
        boolean rstrip,
        boolean normalized,
        boolean special) {

    AddedToken withId(int newId) {
        return new AddedToken(newId, content, singleWord, lstrip, rstrip, normalized, special);
    }

    AddedToken withSpecial(boolean isSpecial) {
        return new AddedToken(id, content, singleWord, lstrip, rstrip, normalized, isSpecial);
    }

    /** Reads an added token of a tokenizer.json. */
    static AddedToken of(JsonNode node) {
        return of(node, true);
    }

    /**
     * Reads an added token.
     *
     * @param numbered whether it must have an id; it is -1 otherwise
     */
    static AddedToken of(JsonNode node, boolean numbered) {
        Component component = new Component("added token", node);
        boolean special = component.flag("special", false);
        return new AddedToken(
                numbered ? component.integer("id") : -1,
                component.text("content"),
                component.flag("single_word", false),
                component.flag("lstrip", false),
                component.flag("rstrip", false),
                component.flag("normalized", !special),
                special);
    }

    ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("id", id).put("content", content).put("single_word", singleWord);
        return node.put("lstrip", lstrip).put("rstrip", rstrip).put("normalized", normalized).put("special", special);
    }

    /** The token as tokenizer_config.json writes it where it has a role. */
    ObjectNode asRole() {
        return asListed().put("__type", "AddedToken");
    }

    /** The token as tokenizer_config.json lists it under its id. */
    ObjectNode asListed() {
        ObjectNode node = toJson();
        node.remove("id");
        return node;
    }
}
