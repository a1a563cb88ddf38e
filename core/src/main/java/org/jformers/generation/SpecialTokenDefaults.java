package org.jformers.generation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;

/**
 * Special tokens of model types whose {@code config.json} does not name them: those that the configuration classes of
 * transformers 5.18 have.
 */
final class SpecialTokenDefaults {
    private static final String BOS = "bos_token_id";
    private static final String EOS = "eos_token_id";
    private static final String PAD = "pad_token_id";
    private static final String START = "decoder_start_token_id";
    private static final String FORCED_EOS = "forced_eos_token_id";
    private static final Map<String, Map<String, Integer>> BY_TYPE = byType();

    private SpecialTokenDefaults() {}

    /** Adds to a configuration what its model type has and it does not name; null says that there is none. */
    static void addTo(ObjectNode json) {
        BY_TYPE.getOrDefault(json.path("model_type").asText(), Map.of()).forEach((key, id) -> {
            if (!json.has(key)) {
                json.put(key, id);
            }
        });
    }

    private static Map<String, Map<String, Integer>> byType() {
        Map<String, Map<String, Integer>> types = new HashMap<>();
        for (String type : new String[] {"gpt2", "gpt_neo"}) {
            types.put(type, Map.of(BOS, 50256, EOS, 50256));
        }
        for (String type : new String[] {"llama", "mistral", "mixtral"}) {
            types.put(type, Map.of(BOS, 1, EOS, 2));
        }
        for (String type : new String[] {"gemma", "gemma2", "gemma3_text", "gemma3"}) {
            types.put(type, Map.of(PAD, 0, BOS, 2, EOS, 1));
        }
        types.put("opt", Map.of(PAD, 1, BOS, 2, EOS, 2));
        types.put("xlnet", Map.of(PAD, 5, BOS, 1, EOS, 2));
        types.put("xlm", Map.of(PAD, 2, BOS, 0, EOS, 1));
        types.put("t5", Map.of(PAD, 0, EOS, 1));
        types.put("switch_transformers", Map.of(PAD, 0, EOS, 1));
        types.put("mt5", Map.of(PAD, 0, EOS, 1, START, 0));
        types.put("bart", Map.of(PAD, 1, BOS, 0, EOS, 2, START, 2, FORCED_EOS, 2));
        types.put("mbart", Map.of(PAD, 1, BOS, 0, EOS, 2, FORCED_EOS, 2));
        types.put("marian", Map.of(PAD, 58100, EOS, 0, START, 58100, FORCED_EOS, 0));
        types.put("pegasus", Map.of(PAD, 0, EOS, 1, START, 0, FORCED_EOS, 1));
        types.put("whisper", Map.of(PAD, 50256, BOS, 50256, EOS, 50256, START, 50257));
        return Map.copyOf(types);
    }
}
