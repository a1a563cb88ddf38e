package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a folder say about a tokenizer besides its vocabulary, put together as transformers 5 does: special
 * tokens of tokenizer_config.json and special_tokens_map.json, and the tokens that tokenizer_config.json, or else
 * added_tokens.json and tokenizer.json, list by id.
 */
final class TokenizerSettings {
    private static final String LISTED = "added_tokens_decoder";
    private static final String EXTRA = "extra_special_tokens";
    private static final String ADDITIONAL = "additional_special_tokens";

    private final ObjectNode config;
    private final boolean hasTokenizerJson;
    private final TreeMap<Integer, AddedToken> listed = new TreeMap<>();
    /** Further special tokens with names of their own, in the order of the files. */
    private final Map<String, JsonNode> named = new LinkedHashMap<>();
    private @Nullable List<JsonNode> extra;
    private @Nullable List<JsonNode> additional;
    /** Those of special_tokens_map.json that have flags. */
    private final Map<String, AddedToken> flagged = new LinkedHashMap<>();

    private TokenizerSettings(ObjectNode config, boolean hasTokenizerJson) {
        this.config = config;
        this.hasTokenizerJson = hasTokenizerJson;
    }

    /**
     * Reads the settings of a folder.
     *
     * @param definition its tokenizer.json, null if it has none
     */
    static TokenizerSettings read(Path folder, @Nullable ObjectNode definition) {
        ObjectNode config = TokenizerFolder.readIfPresent(folder.resolve("tokenizer_config.json"));
        return of(config, definition, new Older(
                TokenizerFolder.readIfPresent(folder.resolve("special_tokens_map.json")),
                TokenizerFolder.readIfPresent(folder.resolve("added_tokens.json"))));
    }

    /** The settings of a configuration and a definition that no other file completes. */
    static TokenizerSettings of(ObjectNode config, ObjectNode definition) {
        return of(config, definition, new Older(config.objectNode(), config.objectNode()));
    }

    /** The files from before tokens were listed in tokenizer_config.json. */
    private record Older(ObjectNode specialTokens, ObjectNode addedTokens) {}

    private static TokenizerSettings of(ObjectNode config, @Nullable ObjectNode definition, Older older) {
        TokenizerSettings settings = new TokenizerSettings(config, definition != null);
        settings.extra = list(config, EXTRA);
        settings.additional = list(config, ADDITIONAL);
        if (settings.additional != null && isEmpty(config.get(EXTRA))) {
            settings.extra = settings.additional;
            settings.additional = null;
        }
        settings.named(config);
        if (config.has(LISTED)) {
            TokenizerFolder.addedTokens(config)
                    .forEach((id, token) -> settings.listed.put(id, AddedToken.of(token, false).withId(id)));
        } else {
            settings.complete(older, definition);
        }
        settings.flagsOfListed();
        return settings;
    }

    private void named(ObjectNode source) {
        for (Map.Entry<String, JsonNode> entry : source.properties()) {
            boolean token = entry.getKey().endsWith("_token") && isToken(entry.getValue());
            if (token && !TokenizerFolder.ROLES.contains(entry.getKey())) {
                named.put(entry.getKey(), entry.getValue());
            }
        }
        if (source.get(EXTRA) instanceof ObjectNode object) {
            object.properties().forEach(entry -> named.put(entry.getKey(), entry.getValue()));
        }
    }

    private void complete(Older files, @Nullable ObjectNode definition) {
        ObjectNode map = files.specialTokens();
        List<JsonNode> more = list(map, EXTRA);
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            config.set(entry.getKey(), asSpecial(entry.getValue()));
        }
        if (more != null) {
            List<JsonNode> all = new ArrayList<>(extra == null ? List.of() : extra);
            more.stream().filter(token -> !contents(all).contains(content(token))).forEach(all::add);
            extra = all;
        }
        if (map.hasNonNull(ADDITIONAL)) {
            List<JsonNode> older = list(map, ADDITIONAL);
            if (older == null) {
                throw new TokenizerException(ADDITIONAL + " must be an array, got " + map.get(ADDITIONAL)
                        + ", in special_tokens_map.json");
            }
            older.replaceAll(TokenizerSettings::asSpecial);
            older.stream().filter(JsonNode::isObject).forEach(token ->
                    flagged.put(content(token), AddedToken.of(token, false)));
            additional = older;
        }
        named(map);
        Set<String> special = contents(extra == null ? List.of() : extra);
        TokenizerFolder.ROLES.forEach(role -> special.add(TokenizerFolder.roleToken(config, role)));
        for (Map.Entry<String, JsonNode> entry : files.addedTokens().properties()) {
            if (!entry.getValue().canConvertToInt()) {
                throw new TokenizerException("added_tokens.json must give each token an id, got \"" + entry.getKey()
                        + "\": " + entry.getValue());
            }
            boolean known = special.contains(entry.getKey());
            int id = entry.getValue().asInt();
            listed.put(id, new AddedToken(id, entry.getKey(), false, false, false, !known, known));
        }
        if (definition != null) {
            for (JsonNode node : definition.path("added_tokens")) {
                AddedToken token = AddedToken.of(node);
                listed.put(token.id(), token);
            }
        }
    }

    private static JsonNode asSpecial(JsonNode value) {
        return value instanceof ObjectNode token && token.has("content")
                ? AddedToken.of(token.deepCopy().put("special", true), false).asRole()
                : value;
    }

    /** A role's token that is listed has the flags that the list gives it. */
    private void flagsOfListed() {
        Map<String, AddedToken> byContent = new LinkedHashMap<>();
        listed.values().forEach(token -> byContent.put(token.content(), token));
        for (String role : TokenizerFolder.ROLES) {
            AddedToken token = byContent.get(TokenizerFolder.roleToken(config, role));
            if (token != null) {
                config.set(role, token.asRole());
            }
        }
    }

    /** The merged content of the files; roles are texts or objects with flags. */
    ObjectNode config() {
        return config;
    }

    /** Gives a role its usual token where the files do not mention it; a null in the files stays. */
    void role(String role, JsonNode token) {
        if (!config.has(role)) {
            config.set(role, token);
        }
    }

    /** Roles and their usual tokens by turns. */
    void roleTexts(String... roleAndToken) {
        for (int i = 0; i < roleAndToken.length; i += 2) {
            role(roleAndToken[i], JsonNodeFactory.instance.textNode(roleAndToken[i + 1]));
        }
    }

    /** A role's token as text; empty if there is none. */
    String token(String role) {
        return TokenizerFolder.roleToken(config, role);
    }

    /**
     * The id of a role's token.
     *
     * @throws TokenizerException if there is no such token, or it has no id
     */
    int id(String role, Map<String, Integer> ids) {
        Integer id = ids.get(token(role));
        if (id == null) {
            throw new TokenizerException(role + " must name a token of the vocabulary, got " + config.path(role)
                    + ", in tokenizer_config.json");
        }
        return id;
    }

    /** A flag of the configuration; null counts as absent. */
    boolean flag(String name, boolean otherwise) {
        return config.hasNonNull(name) ? config.get(name).asBoolean(otherwise) : otherwise;
    }

    /** Whether the files ask for, or against, a token at a text's end; tokenizer.json decides alone where it is. */
    boolean asksForEnds() {
        return !hasTokenizerJson && (config.has("add_bos_token") || config.has("add_eos_token"));
    }

    boolean addsEnd(String name) {
        return !hasTokenizerJson && flag(name, false);
    }

    TreeMap<Integer, AddedToken> listed() {
        return listed;
    }

    /** Special tokens without a role that a class knows count only where the files do not list others. */
    void usualExtra(List<JsonNode> tokens) {
        if (extra == null) {
            extra = tokens;
        }
    }

    /** The additional special tokens that the older name gives; null without it. */
    @Nullable List<JsonNode> additional() {
        return additional;
    }

    void additional(List<JsonNode> tokens) {
        additional = tokens;
        flagged.clear();
    }

    /** The special tokens of all names: those with roles, then further named ones. */
    List<JsonNode> namedTokens() {
        List<JsonNode> tokens = new ArrayList<>();
        for (String role : TokenizerFolder.ROLES) {
            if (isToken(config.path(role))) {
                tokens.add(config.get(role));
            }
        }
        named.values().stream().filter(TokenizerSettings::isToken).forEach(tokens::add);
        return tokens;
    }

    /** The contents of all special tokens. */
    Set<String> specialTokens() {
        List<JsonNode> tokens = namedTokens();
        tokens.addAll(extraTokens());
        return contents(tokens);
    }

    /** The special tokens without a name. */
    List<JsonNode> extraTokens() {
        List<JsonNode> tokens = extra != null ? extra : additional != null ? additional : List.of();
        return tokens.stream().filter(TokenizerSettings::isToken).toList();
    }

    /**
     * The special tokens without a name that special_tokens_map.json gives flags, as transformers 4 writes it, by their
     * contents. Version 5 stops at them, or does not know them as special where a class has some of its own; elsewhere
     * they are what version 4 takes them for.
     */
    Map<String, AddedToken> flaggedTokens() {
        return extra == null ? flagged : Map.of();
    }

    static String content(JsonNode token) {
        return token.isObject() ? token.path("content").asText() : token.asText();
    }

    static Set<String> contents(List<JsonNode> tokens) {
        Set<String> contents = new LinkedHashSet<>();
        tokens.forEach(token -> contents.add(content(token)));
        return contents;
    }

    private static boolean isToken(JsonNode node) {
        return node.isTextual() || node.path("content").isTextual();
    }

    private static boolean isEmpty(@Nullable JsonNode node) {
        return node == null || node.isNull() || node.isEmpty();
    }

    private static @Nullable List<JsonNode> list(ObjectNode source, String name) {
        if (!source.path(name).isArray()) {
            return null;
        }
        List<JsonNode> tokens = new ArrayList<>();
        source.get(name).forEach(tokens::add);
        return tokens;
    }
}
