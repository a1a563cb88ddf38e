package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * The added tokens of a tokenizer while its files are read: a token that the model knows keeps its id, another one gets
 * the next; one that is added again gets the new flags but stays special.
 */
final class AddedTokenList {
    private final Map<String, AddedToken> tokens = new LinkedHashMap<>();
    private final ToIntFunction<String> modelId;
    private final int modelSize;
    private int largest = -1;

    /**
     * Begins an empty list.
     *
     * @param modelId the model's id of a token, {@link Vocabulary#NONE} if it has none
     * @param modelSize number of the model's tokens
     */
    AddedTokenList(ToIntFunction<String> modelId, int modelSize) {
        this.modelId = modelId;
        this.modelSize = modelSize;
    }

    void add(AddedToken token) {
        if (token.content().isEmpty()) {
            return;
        }
        AddedToken old = tokens.get(token.content());
        int id = old != null ? old.id() : modelId.applyAsInt(token.content());
        if (id == Vocabulary.NONE) {
            id = Math.max(largest + 1, modelSize);
        }
        largest = Math.max(largest, id);
        boolean special = token.special() || (old != null && old.special());
        tokens.put(token.content(), new AddedToken(id, token.content(), token.singleWord(), token.lstrip(),
                token.rstrip(), token.normalized(), special));
    }

    /** Adds the tokens that the settings list, then the special ones that are not there yet. */
    void addAll(TokenizerSettings settings) {
        List<JsonNode> named = settings.namedTokens();
        Set<String> special = TokenizerSettings.contents(named);
        List<AddedToken> adding = new ArrayList<>();
        Map<String, AddedToken> flagged = settings.flaggedTokens();
        for (AddedToken listed : settings.listed().values()) {
            AddedToken token = flagged.getOrDefault(listed.content(), listed);
            AddedToken old = tokens.get(token.content());
            if (old == null || !token.withId(-1).equals(old.withId(-1))) {
                adding.add(token);
            }
        }
        Set<String> known = new HashSet<>(tokens.keySet());
        adding.forEach(token -> known.add(token.content()));
        // A token that is named twice with other flags is added twice: the last flags count.
        Set<JsonNode> further = new LinkedHashSet<>(named);
        further.addAll(settings.extraTokens());
        for (JsonNode node : further) {
            if (!known.contains(TokenizerSettings.content(node))) {
                adding.add(of(node));
            }
        }
        adding.forEach(token -> add(special.contains(token.content()) ? token.withSpecial(true) : token));
    }

    /**
     * The added tokens of the classes in plain Python: those that the files list keep the ids of the list, special ones
     * that neither the list nor the vocabulary has follow behind all. What is special are the tokens of a role, a name
     * or a list of their own.
     *
     * @param ids the vocabulary
     * @param special the special tokens
     */
    static Map<String, AddedToken> asListed(Map<String, Integer> ids, TokenizerSettings settings, Set<String> special) {
        Set<String> known = new HashSet<>(ids.keySet());
        settings.listed().values().forEach(token -> known.add(token.content()));
        return asListed(ids, settings, special, known.size());
    }

    /** The same where further tokens are numbered from a given id on. */
    static Map<String, AddedToken> asListed(
            Map<String, Integer> ids, TokenizerSettings settings, Set<String> special, int from) {
        Map<String, AddedToken> added = new LinkedHashMap<>();
        settings.listed().forEach((id, token) -> added.put(token.content(), token.withId(id)));
        int next = from;
        for (String token : special) {
            if (!added.containsKey(token) && !token.isEmpty()) {
                int id = ids.containsKey(token) ? ids.get(token) : next++;
                added.put(token, new AddedToken(id, token, false, false, false, false, true));
            }
        }
        added.replaceAll((content, token) -> token.withSpecial(special.contains(content)));
        return added;
    }

    /** A token as the files write it: a bare text is a special one that is looked for as it is. */
    static AddedToken of(JsonNode node) {
        return node.isObject()
                ? AddedToken.of(node, false)
                : new AddedToken(-1, node.asText(), false, false, false, false, true);
    }

    /** The id of a token, the model's where it was not added; {@link Vocabulary#NONE} without one. */
    int id(String token) {
        AddedToken added = tokens.get(token);
        return added == null ? modelId.applyAsInt(token) : added.id();
    }

    /** Appends the tokens in the order of their ids. */
    void write(ArrayNode out) {
        tokens.values().stream()
                .sorted(Comparator.comparingInt(AddedToken::id))
                .forEach(token -> out.add(token.toJson()));
    }
}
