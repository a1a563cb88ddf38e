package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import java.util.List;
import java.util.Map;
import org.jformers.model.ConfigException;
import org.jformers.nn.position.Rope;
import org.jformers.nn.position.RopeScaling;
import org.jspecify.annotations.Nullable;

/**
 * The rotary settings of a config, as transformers 5.18 reads them: {@code rope_parameters}, or {@code rope_theta} with
 * {@code rope_scaling} in older files; the kind is {@code rope_type}, in older files {@code type}. For families of
 * one's own too.
 */
public final class RopeParameters {
    private final String where;
    private final Map<String, Object> settings;
    private final int maxPositions;
    private final @Nullable Object originalPositions;
    private final boolean truncate;

    private RopeParameters(
            String where, Map<String, Object> settings, int maxPositions,
            @Nullable Object originalPositions, boolean truncate) {
        this.where = where;
        this.settings = settings;
        this.maxPositions = maxPositions;
        this.originalPositions = originalPositions;
        this.truncate = truncate;
    }

    /**
     * One rotation for all layers.
     *
     * @param family named in errors
     * @param headDim width of a head
     * @param maxPositions longest sequence, by the file or by the reference
     * @param defaultBase {@code rope_theta} where the file has none
     * @throws ConfigException if there are settings that the reference does not have, or layers have their own
     */
    public static Rope.Spec of(String family, LlamaKind.Config c, int headDim, int maxPositions, double defaultBase) {
        Map<String, Object> older = or(c.ropeScaling(), Map.of());
        Map<String, Object> settings = older.isEmpty() ? or(c.ropeParameters(), Map.of()) : older;
        settings.forEach((key, value) -> {
            if (value instanceof Map) {
                throw new ConfigException(family + ": got rotary settings of their own for " + key
                        + ", allowed the same for all layers");
            }
        });
        boolean truncate = !Boolean.FALSE.equals(settings.get("truncate"));
        double base = or(c.ropeTheta(), defaultBase);
        return new RopeParameters(
                family, settings, maxPositions, c.other().get("original_max_position_embeddings"), truncate)
                .spec(headDim, base);
    }

    /** The rotation of one type of layers, with settings of their own. */
    static Rope.Spec ofLayers(
            String family, Map<String, Object> settings, int headDim, int maxPositions, double defaultBase) {
        return new RopeParameters(family, settings, maxPositions, null, true).spec(headDim, defaultBase);
    }

    private Rope.Spec spec(int headDim, double defaultBase) {
        double base = number("rope_theta", defaultBase);
        RopeScaling scaling = scaling();
        double share = number("partial_rotary_factor", 1);
        // The plain kind turns whole heads whatever the share says.
        if (scaling != RopeScaling.NONE && (int) (headDim * share) != headDim) {
            throw new ConfigException(where + ": got partial_rotary_factor " + share + ", allowed 1");
        }
        return new Rope.Spec(headDim, base, scaling);
    }

    private RopeScaling scaling() {
        String kind = String.valueOf(settings.getOrDefault("rope_type", settings.getOrDefault("type", "default")));
        return switch (kind) {
            case "default" -> RopeScaling.NONE;
            case "linear" -> new RopeScaling.Linear(number("factor"));
            case "dynamic" -> new RopeScaling.Dynamic(number("factor"), maxPositions);
            case "llama3" -> new RopeScaling.Llama3(
                    number("factor"), number("low_freq_factor"), number("high_freq_factor"), trainedPositions());
            case "yarn" -> yarn();
            case "longrope" -> longRope();
            default -> throw new ConfigException(where + ": got rope_type " + kind
                    + ", allowed default, linear, dynamic, llama3, yarn, longrope");
        };
    }

    private RopeScaling yarn() {
        double positions = trainedPositions();
        double factor = number("factor", maxPositions / positions);
        double m = number("mscale", 0);
        double mAll = number("mscale_all_dim", 0);
        double paper = m != 0 && mAll != 0
                ? RopeScaling.Yarn.paperFactor(factor, m) / RopeScaling.Yarn.paperFactor(factor, mAll)
                : RopeScaling.Yarn.paperFactor(factor, 1);
        return new RopeScaling.Yarn(
                factor, positions, orIfZero(number("beta_fast", 0), 32), orIfZero(number("beta_slow", 0), 1),
                truncate, number("attention_factor", paper));
    }

    private RopeScaling longRope() {
        int positions = trainedPositions();
        double factor = number("factor", (double) maxPositions / positions);
        double paper = RopeScaling.LongRope.paperFactor(factor, positions);
        return new RopeScaling.LongRope(
                numbers("short_factor"), numbers("long_factor"), positions, number("attention_factor", paper));
    }

    /** Longest sequence of training; a key outside the rotary settings comes first. */
    private int trainedPositions() {
        if (originalPositions instanceof Number outside) {
            return outside.intValue();
        }
        return (int) number("original_max_position_embeddings", maxPositions);
    }

    private double number(String key) {
        Object value = settings.get(key);
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new ConfigException(where + ": got " + key + " " + value + " in the rotary settings, allowed a number");
    }

    private double number(String key, double otherwise) {
        return settings.get(key) == null ? otherwise : number(key);
    }

    private List<Double> numbers(String key) {
        if (settings.get(key) instanceof List<?> values && values.stream().allMatch(Number.class::isInstance)) {
            return values.stream().map(value -> ((Number) value).doubleValue()).toList();
        }
        throw new ConfigException(where + ": got " + key + " " + settings.get(key)
                + " in the rotary settings, allowed a list of numbers");
    }

    private static double orIfZero(double value, double otherwise) {
        return value == 0 ? otherwise : value;
    }
}
