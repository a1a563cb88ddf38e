package org.jformers.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.attention.Attention;
import org.jformers.nn.attention.ConformerAttention;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.feedforward.FeedForward;

/**
 * What a model costs, part by part, in two terms: n d^2 of linear maps, which grows with the tokens, and n^2 d of
 * attention, which grows with their pairs (arXiv:1706.03762, table 1). A multiplication and an addition are two
 * floating point operations. Norms, activations, convolutions and attention within windows are left out; masks are not
 * made use of: what a token may not see is computed as well.
 *
 * <p>A model on {@link org.jformers.tensor.Device#META} costs no memory to be looked at.
 *
 * @param parts the parts in order
 */
public record ModelCost(List<Part> parts) {
    private static final String PART = "^((?:[^.]+\\.){0,2}[^.]+).*";
    private static final double SECONDS_OF_A_DAY = 86_400;
    private static final double PETA = 1e15;

    public ModelCost {
        parts = List.copyOf(parts);
    }

    /**
     * A part of a model, such as {@code body.blocks.0}.
     *
     * @param name its name
     * @param parameters values that training changes
     * @param tables those of them that are looked up: tokens, positions, segments
     * @param perToken floating point operations of a token, of its way through linear maps
     * @param perPair floating point operations of a pair of tokens, of one that reads the other
     */
    public record Part(String name, long parameters, long tables, double perToken, double perPair) {
        private Part plus(Part other) {
            return new Part(name, parameters + other.parameters, tables + other.tables,
                    perToken + other.perToken, perPair + other.perPair);
        }
    }

    /** The cost of a model; each token goes through every part once, in an encoder-decoder as often on each side. */
    public static ModelCost of(Model model) {
        Map<String, Part> parts = new LinkedHashMap<>();
        Module network = model.network();
        network.parameters().forEach((name, parameter) -> add(parts, name, parameters(parameter)));
        Map<String, Linear> linears = network.linears();
        Map<String, FeedForward> feedForwards = network.modules(FeedForward.class);
        linears.forEach((name, linear) -> add(parts, name, new Part(
                "", 0, 0, 2.0 * linear.weight().numel() * share(name, feedForwards), 0)));
        for (Class<? extends Module> kind :
                List.of(Attention.class, ConformerAttention.class, CrossAttention.class)) {
            network.modules(kind).keySet().forEach(name -> {
                double width = Objects.requireNonNull(linears.get(name + ".out")).weight().size(1);
                add(parts, name, new Part("", 0, 0, 0, 4 * width)); // scores, and the sum of values
            });
        }
        return new ModelCost(List.copyOf(parts.values()));
    }

    private static Part parameters(Parameter parameter) {
        long size = parameter.trainable() ? parameter.size() : 0;
        return new Part("", size, parameter.role() == Role.EMBEDDING ? size : 0, 0, 0);
    }

    private static double share(String linear, Map<String, FeedForward> feedForwards) {
        return feedForwards.entrySet().stream()
                .filter(entry -> linear.startsWith(entry.getKey() + ".experts."))
                .mapToDouble(entry -> entry.getValue().activeShare())
                .findFirst()
                .orElse(1);
    }

    private static void add(Map<String, Part> parts, String path, Part cost) {
        String name = path.replaceAll(PART, "$1");
        parts.merge(name, new Part(name, cost.parameters, cost.tables, cost.perToken, cost.perPair), Part::plus);
    }

    /** All parts together. */
    public Part total() {
        return parts.stream().reduce(new Part("all", 0, 0, 0, 0), Part::plus);
    }

    /** Parameters that are not looked up: N of the scaling laws (arXiv:2001.08361, 2.1). */
    public long withoutTables() {
        return total().parameters() - total().tables();
    }

    /** Floating point operations of a pass forward over a sequence of so many tokens. */
    public double forward(long tokens) {
        return total().perToken() * tokens + total().perPair() * tokens * tokens;
    }

    /**
     * Floating point operations of training on so many tokens in sequences of a length: three passes forward, for a
     * pass backward costs two.
     */
    public double training(double tokens, long length) {
        return 3 * forward(length) * tokens / length;
    }

    /** Operations in the unit of 10^15 a second for a day. */
    public static double petaflopDays(double operations) {
        return operations / (PETA * SECONDS_OF_A_DAY);
    }
}
