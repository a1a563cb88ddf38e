package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tokens and their ids, as a model's {@code vocab} lists them. */
final class Vocabulary {
    /** What {@link #id} answers for a string that is no token. */
    static final int NONE = -1;

    /** Far beyond any vocabulary, and few enough that a damaged id cannot fill the memory. */
    private static final int MAX_ID = 1 << 24;

    private final Map<String, Integer> ids;
    private final @Nullable String[] tokens;

    private Vocabulary(Map<String, Integer> ids, @Nullable String[] tokens) {
        this.ids = ids;
        this.tokens = tokens;
    }

    /** Reads {@code {"token": id, ...}}. */
    static Vocabulary of(JsonNode node) {
        Map<String, Integer> ids = new HashMap<>(node.size() * 2);
        int limit = 0;
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            int id = entry.getValue().canConvertToInt() && entry.getValue().isIntegralNumber()
                    ? entry.getValue().intValue()
                    : -1;
            if (id < 0 || id > MAX_ID) {
                throw new TokenizerException(
                        "vocab: the id of \"" + entry.getKey() + "\" must be between 0 and " + MAX_ID
                        + ", got " + entry.getValue());
            }
            ids.put(entry.getKey(), id);
            limit = Math.max(limit, id + 1);
        }
        @Nullable String[] tokens = new String[limit];
        ids.forEach((token, id) -> tokens[id] = token);
        return new Vocabulary(ids, tokens);
    }

    /** One more than the largest id. */
    int limit() {
        return tokens.length;
    }

    /** Number of tokens; smaller than the limit where ids are left out. */
    int size() {
        return ids.size();
    }

    int id(String token) {
        return ids.getOrDefault(token, NONE);
    }

    /** Ids by token. */
    Map<String, Integer> ids() {
        return Collections.unmodifiableMap(ids);
    }

    /** The token, or null where the id has none. */
    @Nullable String token(int id) {
        return id >= 0 && id < tokens.length ? tokens[id] : null;
    }

    /** The ids of all tokens that are a single character of the basic plane, indexed by it; {@link #NONE} elsewhere. */
    int[] idsOfCharacters() {
        int[] table = new int[0x10000];
        Arrays.fill(table, NONE);
        ids.forEach((token, id) -> {
            if (token.length() == 1) {
                table[token.charAt(0)] = id;
            }
        });
        return table;
    }

    /** As {@code {"token": id, ...}}, by id. */
    ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        ids.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> node.put(entry.getKey(), entry.getValue()));
        return node;
    }
}
