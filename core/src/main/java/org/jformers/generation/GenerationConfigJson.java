package org.jformers.generation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.ConfigJson;
import org.jformers.model.auto.AutoConfig;
import org.jformers.text.ForeignJson;

/** {@link GenerationConfig} as JSON, with the keys of the reference (transformers 5.18, {@code GenerationConfig}). */
final class GenerationConfigJson {
    private static final String FILE = "generation_config.json";
    private static final JsonMapper MAPPER =
            ForeignJson.mapper().build();

    private static final List<String> OPTIONAL = List.of("max_new_tokens", "max_length", "min_new_tokens",
            "pad_token_id", "bos_token_id", "decoder_start_token_id", "forced_bos_token_id",
            "exponential_decay_length_penalty", "max_time");

    /** All that a call may name. */
    static final Set<String> NAMES = names();

    private final JsonNode json;
    private final String where;
    /** What counts where the JSON does not say it. */
    private final GenerationConfig none;

    private GenerationConfigJson(JsonNode json, String where, GenerationConfig none) {
        this.json = json;
        this.where = where;
        this.none = none;
    }

    static GenerationConfig load(Path folder, GenerationConfig none) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return of(AutoConfig.load(folder), none);
        }
        try {
            return parse(MAPPER.readTree(Files.readString(file)), file.toString(), none);
        } catch (JsonProcessingException e) {
            throw new ConfigException("generation: no valid JSON, " + ForeignJson.problem(e) + ", in " + file, e);
        } catch (IOException e) {
            throw new ConfigException("generation: cannot be read, " + e.getMessage() + ", in " + file, e);
        }
    }

    static GenerationConfig parse(JsonNode json, String where) {
        return parse(json, where, GenerationConfig.DEFAULT);
    }

    private static GenerationConfig parse(JsonNode json, String where, GenerationConfig none) {
        if (!json.isObject()) {
            throw new ConfigException("generation: got no JSON object, in " + where);
        }
        return new GenerationConfigJson(json, where, none).read(true);
    }

    private static Set<String> names() {
        Set<String> names = new TreeSet<>(values(GenerationConfig.DEFAULT).keySet());
        names.addAll(OPTIONAL);
        names.addAll(ForeignSettings.names());
        names.add("use_cache");
        return Collections.unmodifiableSet(names);
    }

    static GenerationConfig changed(GenerationConfig config, Map<String, ?> named) {
        Map<String, Object> all = new LinkedHashMap<>(config.other());
        all.putAll(values(config));
        all.putAll(named);
        return parse(MAPPER.valueToTree(all), "the call");
    }

    /** The original Transformer's config has shorter names for its tokens, and its models never write padding. */
    static GenerationConfig of(Config config, GenerationConfig none) {
        ObjectNode json = ConfigJson.of(config);
        Map.of("pad_id", "pad_token_id", "bos_id", "bos_token_id", "eos_id", "eos_token_id").forEach((own, shared) -> {
            if (json.has(own) && !json.has(shared)) {
                json.set(shared, json.get(own));
            }
        });
        if (json.has("pad_id") && !json.has("suppress_tokens")) {
            json.putArray("suppress_tokens").add(json.get("pad_id"));
        }
        SpecialTokenDefaults.addTo(json);
        // A BART of 2020 says so that its first token is forced.
        if (json.path("force_bos_token_to_be_generated").asBoolean() && json.has("bos_token_id")) {
            json.set("forced_bos_token_id", json.get("bos_token_id"));
        }
        return new GenerationConfigJson(json, "config.json", none).read(false);
    }

    static void save(GenerationConfig config, Path folder) {
        Map<String, Object> changed = values(config);
        changed.entrySet().removeAll(values(GenerationConfig.DEFAULT).entrySet());
        Map<String, Object> all = new TreeMap<>(config.other());
        all.putAll(changed);
        try {
            String text = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n";
            AtomicFile.write(folder.resolve(FILE), text.getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new ConfigException("generation: cannot be written, " + e.getOriginalMessage(), e);
        }
    }

    private GenerationConfig read(boolean keepOther) {
        try {
            GenerationConfig config = new GenerationConfig(
                    lacks("max_new_tokens") ? none.maxNewTokens() : optional("max_new_tokens"),
                    optional("max_length"), number("min_length", none.minLength()),
                    optional("min_new_tokens"), flag("do_sample"), real("temperature", none.temperature()),
                    number("top_k", none.topK()), real("top_p", none.topP()), real("min_p", none.minP()),
                    real("top_h", none.topH()), real("typical_p", none.typicalP()),
                    real("epsilon_cutoff", none.epsilonCutoff()), real("eta_cutoff", none.etaCutoff()),
                    number("num_beams", none.numBeams()), number("num_return_sequences", none.numReturnSequences()),
                    real("length_penalty", none.lengthPenalty()), earlyStopping(),
                    real("repetition_penalty", none.repetitionPenalty()),
                    real("encoder_repetition_penalty", none.encoderRepetitionPenalty()),
                    number("no_repeat_ngram_size", none.noRepeatNgramSize()),
                    number("encoder_no_repeat_ngram_size", none.encoderNoRepeatNgramSize()), words(),
                    real("guidance_scale", none.guidanceScale()), biases(), decay(), ids("eos_token_id"),
                    optional("pad_token_id"), optional("bos_token_id"),
                    optional("decoder_start_token_id"), optional("forced_bos_token_id"), ids("forced_eos_token_id"),
                    ids("suppress_tokens"), ids("begin_suppress_tokens"), texts(), flag("remove_invalid_values"),
                    flag("renormalize_logits"),
                    lacks("max_time") ? OptionalDouble.empty() : OptionalDouble.of(real("max_time", 0)),
                    keepOther ? other() : Map.of());
            ForeignSettings.refuse(json, config, where);
            return config;
        } catch (ConfigException e) {
            throw e.getMessage().endsWith(where) ? e : new ConfigException(e.getMessage() + ", in " + where, e);
        }
    }

    private static Map<String, Object> values(GenerationConfig c) {
        Map<String, Object> values = new LinkedHashMap<>();
        put(values, "max_new_tokens", c.maxNewTokens());
        put(values, "max_length", c.maxLength());
        values.put("min_length", c.minLength());
        put(values, "min_new_tokens", c.minNewTokens());
        values.put("do_sample", c.doSample());
        values.put("temperature", c.temperature());
        values.put("top_k", c.topK());
        values.put("top_p", c.topP());
        values.put("min_p", c.minP());
        values.put("top_h", c.topH());
        values.put("typical_p", c.typicalP());
        values.put("epsilon_cutoff", c.epsilonCutoff());
        values.put("eta_cutoff", c.etaCutoff());
        values.put("num_beams", c.numBeams());
        values.put("num_return_sequences", c.numReturnSequences());
        values.put("length_penalty", c.lengthPenalty());
        values.put("early_stopping", c.earlyStopping() == EarlyStopping.NEVER
                ? "never" : c.earlyStopping() == EarlyStopping.WHEN_FULL);
        values.put("repetition_penalty", c.repetitionPenalty());
        values.put("encoder_repetition_penalty", c.encoderRepetitionPenalty());
        values.put("no_repeat_ngram_size", c.noRepeatNgramSize());
        values.put("encoder_no_repeat_ngram_size", c.encoderNoRepeatNgramSize());
        values.put("bad_words_ids", c.badWordsIds());
        values.put("guidance_scale", c.guidanceScale());
        values.put("sequence_bias", c.sequenceBias().entrySet().stream()
                .map(entry -> List.of(entry.getKey(), entry.getValue()))
                .toList());
        c.exponentialDecayLengthPenalty().ifPresent(
                decay -> values.put("exponential_decay_length_penalty", List.of(decay.after(), decay.factor())));
        values.put("eos_token_id", c.eosTokenId().size() == 1 ? c.eosTokenId().get(0) : c.eosTokenId());
        put(values, "pad_token_id", c.padTokenId());
        put(values, "bos_token_id", c.bosTokenId());
        put(values, "decoder_start_token_id", c.decoderStartTokenId());
        put(values, "forced_bos_token_id", c.forcedBosTokenId());
        values.put("forced_eos_token_id",
                c.forcedEosTokenId().size() == 1 ? c.forcedEosTokenId().get(0) : c.forcedEosTokenId());
        values.put("suppress_tokens", c.suppressTokens());
        values.put("begin_suppress_tokens", c.beginSuppressTokens());
        values.put("stop_strings", c.stopStrings());
        values.put("remove_invalid_values", c.removeInvalidValues());
        values.put("renormalize_logits", c.renormalizeLogits());
        c.maxTime().ifPresent(seconds -> values.put("max_time", seconds));
        return values;
    }

    private static void put(Map<String, Object> values, String key, OptionalInt value) {
        value.ifPresent(number -> values.put(key, number));
    }

    private Map<String, Object> other() {
        Map<String, Object> all = MAPPER.convertValue(json, new TypeReference<LinkedHashMap<String, Object>>() {});
        all.keySet().removeAll(values(GenerationConfig.DEFAULT).keySet());
        OPTIONAL.forEach(all::remove);
        return all;
    }

    private boolean lacks(String key) {
        return json.get(key) == null || json.get(key).isNull();
    }

    private OptionalInt optional(String key) {
        return lacks(key) ? OptionalInt.empty() : OptionalInt.of(number(key, 0));
    }

    private int number(String key, int otherwise) {
        require(lacks(key) || json.get(key).canConvertToInt() && json.get(key).isIntegralNumber(), key,
                "a whole number");
        return lacks(key) ? otherwise : json.get(key).intValue();
    }

    private double real(String key, double otherwise) {
        require(lacks(key) || json.get(key).isNumber(), key, "a number");
        return lacks(key) ? otherwise : json.get(key).doubleValue();
    }

    private boolean flag(String key) {
        require(lacks(key) || json.get(key).isBoolean(), key, "true or false");
        return !lacks(key) && json.get(key).booleanValue();
    }

    private EarlyStopping earlyStopping() {
        JsonNode value = json.get("early_stopping");
        boolean never = !lacks("early_stopping") && value.asText().equals("never");
        return never ? EarlyStopping.NEVER : flag("early_stopping") ? EarlyStopping.WHEN_FULL : EarlyStopping.HEURISTIC;
    }

    /** One id or a list of ids. */
    private List<Integer> ids(String key) {
        if (lacks(key)) {
            return List.of();
        }
        return json.get(key).isArray() ? ids(key, json.get(key)) : List.of(number(key, 0));
    }

    private List<Integer> ids(String key, JsonNode list) {
        require(list.isArray(), key, "token ids");
        list.forEach(id -> require(id.isIntegralNumber() && id.canConvertToInt(), key, "token ids"));
        return list.valueStream().map(JsonNode::intValue).toList();
    }

    private List<List<Integer>> words() {
        require(lacks("bad_words_ids") || json.get("bad_words_ids").isArray(), "bad_words_ids", "lists of token ids");
        return lacks("bad_words_ids")
                ? List.of()
                : json.get("bad_words_ids").valueStream().map(word -> ids("bad_words_ids", word)).toList();
    }

    /** Pairs of a sequence and what is added; of equal sequences the last counts. */
    private Map<List<Integer>, Double> biases() {
        String key = "sequence_bias";
        Map<List<Integer>, Double> biases = new LinkedHashMap<>();
        if (!lacks(key)) {
            require(json.get(key).isArray(), key, "a list of pairs of token ids and a number");
            for (JsonNode pair : json.get(key)) {
                require(pair.isArray() && pair.size() == 2 && pair.get(1).isNumber(), key,
                        "a list of pairs of token ids and a number");
                biases.put(ids(key, pair.get(0)), pair.get(1).doubleValue());
            }
        }
        return biases;
    }

    private Optional<LengthDecay> decay() {
        String key = "exponential_decay_length_penalty";
        if (lacks(key)) {
            return Optional.empty();
        }
        JsonNode pair = json.get(key);
        require(pair.isArray() && pair.size() == 2 && pair.get(0).isIntegralNumber() && pair.get(0).canConvertToInt()
                && pair.get(1).isNumber(), key, "a number of tokens and a factor");
        return Optional.of(new LengthDecay(pair.get(0).intValue(), pair.get(1).doubleValue()));
    }

    private List<String> texts() {
        if (lacks("stop_strings")) {
            return List.of();
        }
        JsonNode value = json.get("stop_strings");
        if (value.isTextual()) {
            return List.of(value.textValue());
        }
        require(value.isArray(), "stop_strings", "texts");
        value.forEach(text -> require(text.isTextual(), "stop_strings", "texts"));
        return value.valueStream().map(JsonNode::textValue).toList();
    }

    private void require(boolean holds, String key, String allowed) {
        if (!holds) {
            throw new ConfigException(
                    "generation: got " + key + " " + json.get(key) + ", allowed " + allowed + ", in " + where);
        }
    }
}
