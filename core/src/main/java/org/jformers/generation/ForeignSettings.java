package org.jformers.generation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jformers.model.ConfigException;

/**
 * Settings of the reference (transformers 5.18) that are not done here. Where one would change the text it is refused;
 * where it would not, because its value is that of none or because the kind of search does not look at it, it is let
 * pass.
 */
final class ForeignSettings {
    /** Where the keys and values of a model's memory lie does not change the text; how many bits they have does. */
    private static final List<String> CACHES = List.of(
            "dynamic", "dynamic_full", "static", "offloaded", "offloaded_static", "sliding_window", "hybrid",
            "hybrid_chunked", "offloaded_hybrid", "offloaded_hybrid_chunked", "paged");

    /** Whether a value changes the text, by setting. */
    private static final Map<String, BiPredicate<JsonNode, GenerationConfig>> KINDS = Map.ofEntries(
            Map.entry("num_beam_groups", (value, c) -> c.numBeams() > 1 && !isNumber(value, 0) && !isNumber(value, 1)),
            Map.entry("penalty_alpha", (value, c) -> c.numBeams() == 1 && !c.doSample() && c.topK() > 1
                    && !(value.isNumber() && value.doubleValue() <= 0)),
            Map.entry("constraints", (value, c) -> !value.isEmpty()),
            Map.entry("force_words_ids", (value, c) -> !value.isEmpty()),
            Map.entry("dola_layers", (value, c) -> c.numBeams() == 1),
            Map.entry("prompt_lookup_num_tokens", (value, c) -> c.numBeams() == 1 && !isNumber(value, 0)),
            Map.entry("assistant_early_exit", (value, c) -> c.numBeams() == 1 && !isNumber(value, 0)),
            Map.entry("use_mtp", (value, c) -> c.numBeams() == 1 && !isFalse(value)),
            Map.entry("is_assistant", (value, c) -> !isFalse(value)),
            Map.entry("watermarking_config", (value, c) -> true),
            Map.entry("token_healing", (value, c) -> !isFalse(value)),
            Map.entry("low_memory", (value, c) -> c.numBeams() > 1 && !isFalse(value)),
            Map.entry("cache_implementation", (value, c) -> !CACHES.contains(value.asText())),
            Map.entry("logits_processor", (value, c) -> true),
            Map.entry("stopping_criteria", (value, c) -> true),
            Map.entry("prefix_allowed_tokens_fn", (value, c) -> true),
            Map.entry("assistant_model", (value, c) -> true),
            Map.entry("negative_prompt_ids", (value, c) -> true),
            Map.entry("negative_prompt_attention_mask", (value, c) -> true));

    private ForeignSettings() {}

    static Set<String> names() {
        return KINDS.keySet();
    }

    /**
     * Refuses what would change the text.
     *
     * @param json all settings
     * @param config those of them that are done here
     * @param where named in errors
     * @throws ConfigException if there is such a setting
     */
    static void refuse(JsonNode json, GenerationConfig config, String where) {
        KINDS.forEach((key, changesText) -> {
            JsonNode value = json.get(key);
            if (value != null && !value.isNull() && changesText.test(value, config)) {
                throw new ConfigException("generation: got " + key + " " + value
                        + ", which is not supported, allowed none, in " + where);
            }
        });
    }

    private static boolean isNumber(JsonNode value, double number) {
        return value.isNumber() && value.doubleValue() == number;
    }

    private static boolean isFalse(JsonNode value) {
        return value.isBoolean() && !value.booleanValue();
    }
}
