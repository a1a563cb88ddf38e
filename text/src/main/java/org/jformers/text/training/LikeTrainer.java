package org.jformers.text.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jformers.text.tokenizer.ByteLevel;
import org.jformers.text.tokenizer.SpecialTokens;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerException;
import org.jformers.text.tokenizer.TokenizerJson;

/**
 * Trains a tokenizer like another one: the same normalizer, words, kind of model, template, decoder and special tokens,
 * and a vocabulary of its own. Added tokens that are not special go, but for unigram models.
 *
 * <p>Reference: {@code train_new_from_iterator} of transformers. Other than there, templates within a sequence of
 * post-processors get the new ids too, and WordPiece keeps the mark of the tokenizer.
 */
public final class LikeTrainer {
    private static final List<String> EXTRA_TOKENS = List.of("additional_special_tokens", "extra_special_tokens");

    private final Builder settings;
    private final ObjectNode definition;
    private final ObjectNode config;

    private LikeTrainer(Builder settings, ObjectNode definition, ObjectNode config) {
        this.settings = settings;
        this.definition = definition;
        this.config = config;
    }

    /**
     * Begins with the settings of a tokenizer.
     *
     * @throws TokenizerException if it is none of a tokenizer.json, or of files that give one
     */
    public static Builder builder(Tokenizer tokenizer) {
        return new Builder(tokenizer);
    }

    /** Settings of a training; as many tokens as the tokenizer has by default. */
    public static final class Builder extends TrainerBuilder<Builder> {
        private final Tokenizer tokenizer;
        private final Map<String, String> renamed = new HashMap<>();
        private List<String> moreTokens = List.of();

        private Builder(Tokenizer tokenizer) {
            super(tokenizer.vocabSize());
            this.tokenizer = tokenizer;
            minFrequency = 0;
        }

        @Override
        Builder self() {
            return this;
        }

        /** Special tokens after those of the tokenizer; none by default. */
        @Override
        public Builder specialTokens(String... tokens) {
            moreTokens = List.of(tokens);
            return this;
        }

        /** Gives a special token of the tokenizer another name, in all its roles. */
        public Builder rename(String token, String name) {
            renamed.put(token, name);
            return this;
        }

        /** How often a pair, or a whole word, must occur to become a token; any number by default. */
        public Builder minFrequency(long frequency) {
            minFrequency = frequency;
            return this;
        }

        /** Checks the settings. */
        public LikeTrainer build() {
            ObjectNode definition = TokenizerJson.definition(tokenizer);
            ObjectNode config = TokenizerJson.config(tokenizer);
            ObjectNode model = (ObjectNode) definition.get("model");
            boolean unigram = model.get("type").asText().equals("Unigram");
            List<String> tokens = new ArrayList<>();
            ArrayNode kept = definition.arrayNode();
            for (ObjectNode token : addedTokens(definition).values()) {
                if (unigram || token.get("special").asBoolean()) {
                    tokens.add(name(token.get("content")));
                    kept.add(token.put("content", name(token.get("content"))).put("special", true));
                }
            }
            for (String token : moreTokens) {
                tokens.add(token);
                kept.add(special(0, token));
            }
            definition.set("added_tokens", kept);
            if (unigram && model.hasNonNull("unk_id")) {
                String unknown = name(model.get("vocab").get(model.get("unk_id").asInt()).get(0));
                if (!tokens.contains(unknown)) {
                    tokens.add(0, unknown);
                }
                model.put("unk_id", tokens.indexOf(unknown));
            } else if (model.hasNonNull("unk_token")) {
                model.put("unk_token", name(model.get("unk_token")));
            }
            specialTokens = List.copyOf(tokens);
            Definitions.check(specialTokens, vocabSize, 0);
            initialAlphabet = isByteLevel(definition.path("pre_tokenizer")) ? ByteLevel.alphabet() : "";
            rename(config);
            return new LikeTrainer(this, definition, config);
        }

        /** By id, those among them that only the configuration names. */
        private SortedMap<Integer, ObjectNode> addedTokens(ObjectNode definition) {
            SortedMap<Integer, ObjectNode> tokens = new TreeMap<>();
            definition.get("added_tokens").forEach(token -> tokens.put(token.get("id").asInt(), (ObjectNode) token));
            SpecialTokens roles = tokenizer.specialTokens();
            Stream.of(roles.bos(), roles.eos(), roles.pad(), roles.unk(), roles.sep(), roles.cls(), roles.mask())
                    .flatMapToInt(OptionalInt::stream)
                    .forEach(id -> tokens.putIfAbsent(id, special(id, tokenizer.token(id))));
            return tokens;
        }

        private static ObjectNode special(int id, String content) {
            ObjectNode token = JsonNodeFactory.instance.objectNode();
            token.put("id", id).put("content", content).put("single_word", false).put("lstrip", false);
            return token.put("rstrip", false).put("normalized", false).put("special", true);
        }

        private String name(JsonNode token) {
            return renamed.getOrDefault(token.asText(), token.asText());
        }

        private void rename(ObjectNode config) {
            config.remove("added_tokens_decoder");
            config.properties().forEach(entry -> {
                JsonNode value = entry.getValue();
                if (entry.getKey().endsWith("_token") && value.isTextual()) {
                    entry.setValue(TextNode.valueOf(name(value)));
                } else if (entry.getKey().endsWith("_token") && value instanceof ObjectNode token) {
                    token.put("content", name(token.path("content")));
                }
            });
            String key = EXTRA_TOKENS.stream().filter(config::hasNonNull).findFirst().orElse(EXTRA_TOKENS.get(1));
            if (config.path(key).isArray() || !moreTokens.isEmpty()) {
                ArrayNode extra = config.arrayNode();
                config.path(key).forEach(token -> extra.add(token.isTextual() ? TextNode.valueOf(name(token)) : token));
                moreTokens.forEach(extra::add);
                config.set(key, extra);
            }
        }

        private static boolean isByteLevel(JsonNode preTokenizer) {
            for (JsonNode step : preTokenizer.path("pretokenizers")) {
                if (step.path("type").asText().equals("ByteLevel")) {
                    return true;
                }
            }
            return preTokenizer.path("type").asText().equals("ByteLevel");
        }
    }

    /** Learns from the texts, which are read once. */
    public Tokenizer train(Iterable<String> texts) {
        ObjectNode trained = definition.deepCopy();
        ModelTraining.learn(trained, settings, texts);
        renumber(trained.path("post_processor"), ids(trained.get("model").get("vocab")));
        return TokenizerJson.of(trained, config.deepCopy());
    }

    private static Map<String, Integer> ids(JsonNode vocabulary) {
        Map<String, Integer> ids = new HashMap<>();
        if (vocabulary.isArray()) {
            vocabulary.forEach(piece -> ids.put(piece.get(0).asText(), ids.size()));
        } else {
            vocabulary.properties().forEach(entry -> ids.put(entry.getKey(), entry.getValue().asInt()));
        }
        return ids;
    }

    /** Gives the tokens of a template their new names and ids. */
    private void renumber(JsonNode postProcessor, Map<String, Integer> ids) {
        postProcessor.path("processors").forEach(step -> renumber(step, ids));
        for (JsonNode entry : postProcessor.path("special_tokens")) {
            List<String> tokens = new ArrayList<>();
            entry.get("tokens").forEach(token -> tokens.add(settings.name(token)));
            ArrayNode names = ((ObjectNode) entry).putArray("tokens");
            tokens.forEach(names::add);
            ArrayNode numbers = ((ObjectNode) entry).putArray("ids");
            tokens.forEach(token -> numbers.add(id(token, ids)));
        }
        for (String side : List.of("cls", "sep")) {
            if (postProcessor.path(side).isArray()) {
                String token = settings.name(postProcessor.get(side).get(0));
                ((ObjectNode) postProcessor).putArray(side).add(token).add(id(token, ids));
            }
        }
    }

    private static int id(String token, Map<String, Integer> ids) {
        Integer id = ids.get(token);
        if (id == null) {
            throw new TokenizerException("post-processor: token \"" + token + "\" must be a special token or learned");
        }
        return id;
    }
}
