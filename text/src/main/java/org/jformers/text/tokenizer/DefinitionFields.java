package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Checks what a tokenizer.json holds besides its components, as strictly as the tokenizers library reads it. */
final class DefinitionFields {
    private static final Set<String> KNOWN = Set.of("version", "truncation", "padding", "added_tokens", "normalizer",
            "pre_tokenizer", "post_processor", "decoder", "model");
    private static final List<String> SIDES = List.of("Left", "Right");

    private DefinitionFields() {}

    static void check(ObjectNode definition) {
        for (Iterator<String> names = definition.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!KNOWN.contains(name)) {
                throw new TokenizerException("tokenizer definition: unknown key \"" + name + "\", known: "
                        + String.join(", ", KNOWN.stream().sorted().toList()));
            }
        }
        if (definition.hasNonNull("truncation")) {
            truncation(new Component("truncation", definition.get("truncation")));
        }
        if (definition.hasNonNull("padding")) {
            padding(new Component("padding", definition.get("padding")));
        }
        JsonNode added = definition.get("added_tokens");
        if (added != null && !added.isArray()) {
            throw new TokenizerException("added_tokens must be an array");
        }
        if (added != null) {
            added.forEach(token -> addedToken(new Component("added token", token)));
        }
    }

    private static void addedToken(Component token) {
        token.integer("id");
        token.text("content");
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized", "special")) {
            token.flag(flag);
        }
    }

    private static void truncation(Component truncation) {
        if (truncation.node().has("direction")) {
            truncation.oneOf("direction", SIDES);
        }
        truncation.integer("max_length");
        truncation.oneOf("strategy", List.of("LongestFirst", "OnlyFirst", "OnlySecond"));
        truncation.integer("stride");
    }

    private static void padding(Component padding) {
        JsonNode strategy = padding.node().path("strategy");
        boolean fixed = strategy.isObject() && strategy.size() == 1 && Component.isCount(strategy.path("Fixed"));
        if (!fixed) {
            padding.oneOf("strategy", List.of("BatchLongest"));
        }
        padding.oneOf("direction", SIDES);
        if (padding.has("pad_to_multiple_of")) {
            padding.integer("pad_to_multiple_of");
        }
        padding.integer("pad_id");
        padding.integer("pad_type_id");
        padding.text("pad_token");
    }
}
