package org.jformers.model.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import org.jformers.model.ConfigException;
import org.jformers.model.GgufHead;
import org.jformers.model.GgufKey;
import org.jformers.model.GgufKeys;
import org.jformers.model.GgufValues;

/**
 * Rotary positions in GGUF files: the base, and a scaling that is linear, YaRN's or Llama 3's. Of the last a file keeps
 * what the frequencies are divided by, as a tensor.
 *
 * @param base in a configuration that does not say
 * @param headDim see {@link LlamaGguf.HeadDim}
 * @param counted whether files say how many values of a head are rotated
 */
record RopeGguf(double base, int headDim, boolean counted) implements GgufKey {
    private static final Set<String> PLAIN = Set.of("rope_theta", "rope_type", "type", "factor",
            "low_freq_factor", "high_freq_factor", "original_max_position_embeddings");

    @Override
    public void read(GgufHead file, ObjectNode config) {
        int width = config.path("head_dim").asInt(
                file.size("embedding_length") / Math.max(1, file.size("attention.head_count")));
        int rotated = file.size("rope.dimension_count", width);
        if (rotated != width) {
            throw file.unsupported("rope.dimension_count", rotated, width);
        }
        ObjectNode rope = settings(file, file.real("rope.freq_base", 10_000));
        file.metadata().tensors().stream()
                .filter(tensor -> tensor.name().equals(LlamaGguf.DIVISORS))
                .findFirst()
                .ifPresent(tensor -> divisors(file, rope, file.metadata().floats(tensor)));
        config.set("rope_parameters", rope);
    }

    /** The settings of a file, but for the divisors. */
    static ObjectNode settings(GgufHead file, double base) {
        ObjectNode rope = JsonNodeFactory.instance.objectNode().put("rope_theta", base);
        String scaling = file.text("rope.scaling.type", "none");
        switch (scaling) {
            case "none" -> rope.put("rope_type", "default");
            case "linear" -> rope.put("rope_type", "linear").put("factor", file.real("rope.scaling.factor"));
            case "yarn" -> rope.put("rope_type", "yarn").put("factor", file.real("rope.scaling.factor"))
                    .put("original_max_position_embeddings", file.size("rope.scaling.original_context_length"));
            default -> throw file.unsupported("rope.scaling.type", scaling, "none, linear, yarn");
        }
        return rope;
    }

    /**
     * Of the numbers that divide the frequencies, the parameters are sought that give them. The factor is the greatest;
     * all published models blend from 1 to 4 turns.
     */
    private static void divisors(GgufHead file, ObjectNode rope, float[] divisors) {
        double factor = 0;
        boolean plain = true;
        for (float divisor : divisors) {
            factor = Math.max(factor, divisor);
            plain &= divisor == 1;
        }
        if (plain) {
            return;
        }
        double base = rope.get("rope_theta").doubleValue();
        for (int length = 1; length <= 1 << 20 && rope.path("rope_type").asText().equals("default"); length *= 2) {
            if (equal(divisors, llama3(base, factor, length, divisors.length))) {
                rope.put("rope_type", "llama3").put("factor", factor).put("low_freq_factor", 1.0)
                        .put("high_freq_factor", 4.0).put("original_max_position_embeddings", length);
                return;
            }
        }
        throw new ConfigException("gguf: got " + LlamaGguf.DIVISORS + " numbers up to " + factor
                + ", allowed 1, or those of Llama 3's scaling, in " + file.metadata().file());
    }

    private static boolean equal(float[] got, float[] expected) {
        for (int i = 0; i < got.length; i++) {
            if (Math.abs(got[i] - expected[i]) > 1e-3 * expected[i]) {
                return false;
            }
        }
        return true;
    }

    /** What Llama 3's scaling, source as in RopeScaling, divides frequencies by. */
    private static float[] llama3(double base, double factor, int length, int count) {
        float[] divisors = new float[count];
        for (int i = 0; i < count; i++) {
            double turns = length * Math.pow(base, -(double) i / count) / (2 * Math.PI);
            double share = Math.min(1, Math.max(0, (turns - 1) / 3));
            divisors[i] = (float) (1 / ((1 - share) / factor + share));
        }
        return divisors;
    }

    @Override
    public void write(ObjectNode config, GgufValues file) {
        ObjectNode rope = settings(config).orElseGet(JsonNodeFactory.instance::objectNode);
        double theta = rope.path("rope_theta").asDouble(config.path("rope_theta").asDouble(base));
        int width = LlamaGguf.HeadDim.of(config, headDim);
        file.put("rope.freq_base", (float) theta);
        if (counted) {
            file.put("rope.dimension_count", width);
        }
        write(rope, theta, width, file);
    }

    /** The rotary settings of a configuration, where older files say something of their own. */
    private static Optional<ObjectNode> settings(ObjectNode config) {
        String key = config.path("rope_scaling").size() > 0 ? "rope_scaling" : "rope_parameters";
        return config.path(key) instanceof ObjectNode settings ? Optional.of(settings) : Optional.empty();
    }

    /** The scaling that some settings say. */
    static void write(ObjectNode rope, double theta, int width, GgufValues file) {
        String kind = rope.path("rope_type").asText(rope.path("type").asText("default"));
        rope.fieldNames().forEachRemaining(key -> {
            if (!PLAIN.contains(key) && !GgufKeys.isNull(rope, key)) {
                throw new ConfigException("gguf: got " + key + " " + rope.get(key)
                        + " in the rotary settings, which is not written, allowed " + PLAIN.stream().sorted().toList());
            }
        });
        switch (kind) {
            case "default" -> { }
            case "linear" -> scaling(rope, "linear", file);
            case "yarn" -> {
                scaling(rope, "yarn", file);
                file.put("rope.scaling.original_context_length",
                        GgufKeys.integer(rope, "original_max_position_embeddings"));
            }
            case "llama3" -> {
                if (rope.path("low_freq_factor").asDouble() != 1 || rope.path("high_freq_factor").asDouble() != 4) {
                    throw new ConfigException("gguf: got Llama 3's scaling " + rope
                            + ", allowed a low_freq_factor of 1 and a high_freq_factor of 4");
                }
                file.tensor(LlamaGguf.DIVISORS, llama3(theta, rope.path("factor").asDouble(),
                        GgufKeys.integer(rope, "original_max_position_embeddings"), width / 2));
            }
            default -> throw new ConfigException("gguf: got rope_type " + kind
                    + ", which is not written, allowed default, linear, yarn, llama3");
        }
    }

    private static void scaling(ObjectNode rope, String kind, GgufValues file) {
        file.put("rope.scaling.type", kind);
        file.put("rope.scaling.factor", (float) rope.path("factor").asDouble(1));
    }
}
