package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer.json while a tokenizer class puts it together: it sets up the pipeline, adds the tokens that the settings
 * name, and says what stands around a text. A post-processor of the file counts unless the class has its own.
 */
final class TokenizerBuild {
    private static final String MARK = Character.toString(Metaspace.DEFAULT);

    private final ObjectNode json;
    private final TokenizerSettings settings;
    private final VocabularySource source;
    /** Null until {@link #addTokens}. */
    private @Nullable AddedTokenList added;

    TokenizerBuild(TokenizerSettings settings, VocabularySource source) {
        this.settings = settings;
        this.source = source;
        json = TokenizerJson.empty();
        for (String part : List.of("post_processor", "padding", "truncation")) {
            source.part(part).ifPresent(content -> json.set(part, content));
        }
        source.markedPieces().ifPresent(settings::additional);
    }

    /** A tokenizer.json that stays as it is but for the tokens that the settings add. */
    TokenizerBuild(TokenizerSettings settings, ObjectNode definition) {
        this.settings = settings;
        source = VocabularySource.of(definition);
        json = definition;
    }

    Tokenizer tokenizer() {
        return TokenizerJson.of(json, settings.config());
    }

    TokenizerSettings settings() {
        return settings;
    }

    VocabularySource source() {
        return source;
    }

    ObjectNode json() {
        return json;
    }

    /** Roles and their usual tokens by turns. */
    void roles(String... roleAndToken) {
        settings.roleTexts(roleAndToken);
    }

    /** A mask takes the spaces before it along, unless the files give its flags. */
    void stripBeforeMask() {
        if (settings.config().path("mask_token").isTextual()) {
            AddedToken mask = new AddedToken(-1, settings.token("mask_token"), false, true, false, false, true);
            settings.config().set("mask_token", mask.asRole());
        }
    }

    // Models

    ObjectNode model(String type) {
        return json.putObject("model").put("type", type);
    }

    ObjectNode bpe() {
        ObjectNode model = model("BPE").putNull("dropout").putNull("unk_token");
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        model.set("vocab", source.ids());
        model.set("merges", source.merges());
        return model;
    }

    void unigram(ArrayNode pieces, int unknown) {
        model("Unigram").put("unk_id", unknown).put("byte_fallback", false).set("vocab", pieces);
    }

    void wordPiece() {
        ObjectNode model = model("WordPiece").put("unk_token", settings.token("unk_token"));
        model.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 100);
        model.set("vocab", source.ids());
    }

    // Steps

    static ObjectNode step(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }

    static ObjectNode replace(String kind, String pattern, String content) {
        ObjectNode node = step("Replace");
        node.putObject("pattern").put(kind, pattern);
        return node.put("content", content);
    }

    static ObjectNode metaspace(String scheme, boolean split) {
        return step("Metaspace").put("replacement", MARK).put("prepend_scheme", scheme).put("split", split);
    }

    static ObjectNode byteLevel(boolean prefixSpace, boolean regex) {
        return step("ByteLevel").put("add_prefix_space", prefixSpace).put("trim_offsets", true).put("use_regex", regex);
    }

    static ObjectNode split(String regex, String behavior, boolean invert) {
        ObjectNode node = step("Split").put("behavior", behavior).put("invert", invert);
        node.putObject("pattern").put("Regex", regex);
        return node;
    }

    void normalizer(List<ObjectNode> steps) {
        sequence("normalizer", "normalizers", steps);
    }

    void preTokenizer(ObjectNode... steps) {
        sequence("pre_tokenizer", "pretokenizers", List.of(steps));
    }

    void decoder(List<ObjectNode> steps) {
        sequence("decoder", "decoders", steps);
    }

    private void sequence(String part, String list, List<ObjectNode> steps) {
        if (steps.size() == 1) {
            json.set(part, steps.get(0));
        } else if (!steps.isEmpty()) {
            ArrayNode array = json.putObject(part).put("type", "Sequence").putArray(list);
            steps.forEach(array::add);
        }
    }

    /** The normalization of the sentencepiece model, where it has one. */
    void precompiled(Consumer<ObjectNode> steps) {
        source.charsmap().ifPresent(table -> steps.accept(step("Precompiled").put("precompiled_charsmap", table)));
    }

    // Tokens around a text

    /** Adds the tokens of the settings to those that are there; ids are known from here on. */
    void addTokens() {
        AddedTokenList tokens = list(json.get("model"));
        json.path("added_tokens").forEach(node -> tokens.add(AddedToken.of(node)));
        padding();
        tokens.addAll(settings);
        tokens.write(json.putArray("added_tokens"));
        added = tokens;
        if (settings.asksForEnds() || !json.hasNonNull("post_processor")) {
            ends();
        }
    }

    /** Padding in tokenizer.json names the padding token of a folder that does not mention one. */
    private void padding() {
        JsonNode token = json.path("padding").path("pad_token");
        if (token.isTextual()) {
            settings.role("pad_token", token);
        }
    }

    private static AddedTokenList list(JsonNode model) {
        JsonNode vocabulary = model.path("vocab");
        if (vocabulary.isObject()) {
            return new AddedTokenList(token -> vocabulary.path(token).asInt(Vocabulary.NONE), vocabulary.size());
        }
        Map<String, Integer> ids = new HashMap<>();
        int id = 0;
        for (JsonNode entry : vocabulary) {
            ids.put(entry.path(0).asText(), id++);
        }
        return new AddedTokenList(token -> ids.getOrDefault(token, Vocabulary.NONE), vocabulary.size());
    }

    /** Begin and end where the settings ask for them, around each text. */
    void ends() {
        String bos = settings.addsEnd("add_bos_token") ? settings.token("bos_token") : "";
        String eos = settings.addsEnd("add_eos_token") ? settings.token("eos_token") : "";
        String form = (bos.isEmpty() ? "" : "bos_token:%1$d ") + "$%2$s:%1$d"
                + (eos.isEmpty() ? "" : " eos_token:%1$d");
        String first = form.formatted(0, "A");
        template(first, first + " " + form.formatted(1, "B"));
    }

    /**
     * A template of roles or tokens, and of {@code $A} and {@code $B}, with the type of each behind a colon; the type
     * is 0 without.
     */
    void template(String single, String pair) {
        ObjectNode node = json.putObject("post_processor").put("type", "TemplateProcessing");
        ObjectNode special = node.objectNode();
        pieces(node.putArray("single"), single, special);
        pieces(node.putArray("pair"), pair, special);
        node.set("special_tokens", special);
    }

    private void pieces(ArrayNode out, String template, ObjectNode special) {
        for (String part : template.split(" ")) {
            int colon = part.lastIndexOf(':');
            boolean typed = colon > 0 && part.substring(colon + 1).matches("\\d");
            String name = typed ? part.substring(0, colon) : part;
            boolean text = name.startsWith("$");
            String token = text ? name.substring(1) : TokenizerFolder.ROLES.contains(name) ? tokenOf(name) : name;
            out.addObject()
                    .putObject(text ? "Sequence" : "SpecialToken")
                    .put("id", token)
                    .put("type_id", typed ? Integer.parseInt(part.substring(colon + 1)) : 0);
            if (!text) {
                ObjectNode entry = special.putObject(token).put("id", token);
                entry.putArray("ids").add(id(token));
                entry.putArray("tokens").add(token);
            }
        }
    }

    /** One token before a text and one, or two between texts, behind it. */
    void robertaProcessing(String sepRole, String clsRole, boolean trimOffsets, boolean prefixSpace) {
        ObjectNode node = json.putObject("post_processor").put("type", "RobertaProcessing");
        node.putArray("sep").add(tokenOf(sepRole)).add(id(tokenOf(sepRole)));
        node.putArray("cls").add(tokenOf(clsRole)).add(id(tokenOf(clsRole)));
        node.put("trim_offsets", trimOffsets).put("add_prefix_space", prefixSpace);
    }

    private String tokenOf(String role) {
        String token = settings.token(role);
        if (token.isEmpty()) {
            throw new TokenizerException("the tokenizer's template needs a " + role + ", tokenizer_config.json gives "
                    + settings.config().path(role));
        }
        return token;
    }

    int id(String token) {
        int id = idOrNone(token);
        if (id == Vocabulary.NONE) {
            throw new TokenizerException("template token \"" + token + "\" is not in the vocabulary");
        }
        return id;
    }

    boolean has(String token) {
        return idOrNone(token) != Vocabulary.NONE;
    }

    private int idOrNone(String token) {
        return Objects.requireNonNull(added, "addTokens() comes first").id(token);
    }

    static List<JsonNode> texts(Iterable<String> tokens) {
        List<JsonNode> nodes = new ArrayList<>();
        tokens.forEach(token -> nodes.add(JsonNodeFactory.instance.textNode(token)));
        return nodes;
    }
}
