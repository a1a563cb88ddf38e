package org.jformers.checkpoint.packed;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/** Settings of a quantization method, read strictly. */
record PackedSettings(String method, JsonNode settings) {
    /** A whole number among those allowed. */
    int integer(String key, int otherwise, List<Integer> allowed) {
        JsonNode node = settings.path(key);
        boolean absent = node.isMissingNode() || node.isNull();
        if (!absent && !node.isInt() || !allowed.contains(absent ? otherwise : node.intValue())) {
            throw refused(key, allowed);
        }
        return absent ? otherwise : node.intValue();
    }

    /** A number of inputs that share a scale; -1 for all. */
    int groupSize() {
        JsonNode node = settings.path("group_size");
        if (!node.isInt() || node.intValue() != -1 && node.intValue() < 1) {
            throw refused("group_size", "-1 or a number above 0");
        }
        return node.intValue();
    }

    /** A word among those allowed, under the first of some keys that is there. */
    String word(List<String> keys, String otherwise, List<String> allowed) {
        for (String key : keys) {
            if (settings.hasNonNull(key)) {
                String word = settings.get(key).asText().toLowerCase(Locale.ROOT);
                if (!allowed.contains(word)) {
                    throw refused(key, allowed);
                }
                return word;
            }
        }
        return otherwise;
    }

    /** Refuses a setting that changes what weights mean. */
    void absent(String key) {
        if (settings.hasNonNull(key) && settings.get(key).size() > 0) {
            throw refused(key, "none");
        }
    }

    IllegalArgumentException refused(String key, Object allowed) {
        return new IllegalArgumentException("quantization_config (" + method + "): got " + key + " "
                + settings.get(key) + ", allowed " + allowed);
    }
}
