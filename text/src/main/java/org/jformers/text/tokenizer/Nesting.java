package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;

/** Limits how deep the parts of a definition nest, before anything follows them down. */
final class Nesting {
    /** As deep as the JSON of the tokenizers library may be. */
    private static final int DEEPEST = 127;

    /** Long lists of plain tokens. */
    private static final Set<String> FLAT = Set.of("vocab", "merges");

    private Nesting() {}

    private record Level(JsonNode node, int depth) {}

    static void check(JsonNode definition) {
        Deque<Level> open = new ArrayDeque<>();
        open.add(new Level(definition, 1));
        while (!open.isEmpty()) {
            Level level = open.pop();
            if (level.depth() > DEEPEST) {
                throw new TokenizerException("tokenizer definition: its parts must nest at most " + DEEPEST
                        + " deep, got more");
            }
            for (Map.Entry<String, JsonNode> entry : level.node().properties()) {
                if (!FLAT.contains(entry.getKey()) && entry.getValue().isContainerNode()) {
                    open.push(new Level(entry.getValue(), level.depth() + 1));
                }
            }
            if (level.node().isArray()) {
                for (JsonNode element : level.node()) {
                    if (element.isContainerNode()) {
                        open.push(new Level(element, level.depth() + 1));
                    }
                }
            }
        }
    }
}
