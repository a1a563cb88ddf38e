package org.jformers.generation;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jformers.model.ConfigException;

/** Checks of values that {@link GenerationConfig} has. */
final class GenerationChecks {
    private GenerationChecks() {}

    /** What only matters where tokens are drawn is checked only there: others leave what they like. */
    static void requireDrawable(
            double temperature, int topK, double topP, double minP, double topH, double typicalP) {
        require(temperature >= GenerationConfig.LEAST_TEMPERATURE && temperature < Double.POSITIVE_INFINITY,
                "temperature", temperature,
                "above 0, from " + GenerationConfig.LEAST_TEMPERATURE + " on (do_sample false takes the best token)");
        require(topK >= 0, "top_k", topK, "at least 0 (0 for all tokens)");
        require(topP >= 0 && topP <= 1, "top_p", topP, "0 to 1");
        require(minP >= 0 && minP <= 1, "min_p", minP, "0 to 1");
        require(topH >= 0 && topH <= 1, "top_h", topH, "0 to 1");
        require(typicalP > 0, "typical_p", typicalP, "above 0");
    }

    static void require(boolean holds, String key, Object got, String allowed) {
        if (!holds) {
            Object value = got instanceof OptionalInt number ? number.getAsInt()
                    : got instanceof OptionalDouble real ? real.getAsDouble()
                    : got instanceof Optional<?> any ? any.get() : got;
            throw new ConfigException("generation: got " + key + " " + value + ", allowed " + allowed);
        }
    }

    static void requireFactor(String key, double value) {
        require(value > 0 && Double.isFinite(value), key, value, "above 0");
    }

    static void requireSequence(String key, List<Integer> ids) {
        require(!ids.isEmpty(), key, ids, "at least one token each");
        requireIds(key, ids);
    }

    static void requireForceable(String key, List<Integer> forced, List<Integer> suppressed) {
        require(forced.isEmpty() || !suppressed.containsAll(forced), key, forced,
                "tokens that suppress_tokens does not rule out");
    }

    static void requireIds(String key, List<Integer> ids) {
        ids.forEach(id -> require(id >= 0, key, id, "token ids, which are at least 0"));
    }
}
