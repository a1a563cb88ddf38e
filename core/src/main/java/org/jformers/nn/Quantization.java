package org.jformers.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.tensor.Device;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;

/**
 * How the matrices of linear maps are kept in fewer bits, for models that are only asked: writing text token by token
 * waits for memory. See docs/quantization.md for what it costs and gains.
 *
 * <pre>{@code
 * Quantization.int8().applyTo(model.network());
 * }</pre>
 *
 * @param bits of a weight: 8, with a scale for each output; or 4, with a scale and a zero point for each output of each
 *     group of inputs
 * @param group inputs of a group: 32, 64, 128 or 256; 0 for 8 bits
 */
public record Quantization(int bits, int group) {
    /** Maps of fewer inputs or outputs stay as they are: they cost nothing. */
    private static final long SMALL = 16;
    /** Squares of what rounding scales to bfloat16 changes, as a part of the weights' own. */
    private static final double ROUNDING = 1e-5;
    private static final List<Integer> GROUPS = List.of(32, 64, 128, 256);
    private static final Map<String, Quantization> KINDS = kinds();

    /** The names that {@link #named} knows. */
    public static final List<String> NAMES = List.copyOf(KINDS.keySet());

    public Quantization {
        boolean known = bits == 8 && group == 0 || bits == 4 && GROUPS.contains(group);
        if (!known) {
            throw new JformersException("quantization: got " + bits + " bits in groups of " + group
                    + ", allowed 8 bits in groups of 0, and 4 bits in groups of " + GROUPS);
        }
    }

    /** 8 bits, a scale for each output. */
    public static Quantization int8() {
        return new Quantization(8, 0);
    }

    /** 4 bits in groups of 32. */
    public static Quantization int4() {
        return int4(32);
    }

    /** 4 bits. */
    public static Quantization int4(int group) {
        return new Quantization(4, group);
    }

    /** The quantization of that name: {@code int8}, {@code int4}, {@code int4-128} and so on. */
    public static Quantization named(String name) {
        Quantization named = KINDS.get(name);
        if (named == null) {
            throw new JformersException("quantization: got " + name + ", allowed " + NAMES);
        }
        return named;
    }

    private static Map<String, Quantization> kinds() {
        Map<String, Quantization> kinds = new LinkedHashMap<>();
        kinds.put("int8", int8());
        kinds.put("int4", int4());
        GROUPS.forEach(group -> kinds.put("int4-" + group, int4(group)));
        return kinds;
    }

    /** The quantization of weights that are stored so; empty where there is no product for it. */
    public static Optional<Quantization> of(int bits, int group) {
        return bits == 8 && group == 0 || bits == 4 && GROUPS.contains(group)
                ? Optional.of(new Quantization(bits, group))
                : Optional.empty();
    }

    /** Whether there are products of whole numbers on a device. */
    public static boolean computes(Device device) {
        return device.equals(Device.CPU) && Precision.packedProducts();
    }

    /** Refuses a device without products of whole numbers. */
    public void requireProcessor(Device device) {
        if (!computes(device)) {
            throw new JformersException("quantized weights: got device " + device + " and a processor of "
                    + System.getProperty("os.arch") + ", allowed the processor, of 64-bit x86");
        }
    }

    /**
     * Quantizes the linear maps below a network and frees their matrices. Where 4 bits are asked for, heads and maps
     * whose inputs do not divide into groups get 8. Tables of embeddings, convolutions, norms and constants stay.
     *
     * @throws JformersException if the device or the processor has no such products, or a map is quantized already or
     *     has an adapter
     */
    public void applyTo(Module network) {
        requireProcessor(network.device());
        network.linears().forEach((path, map) -> {
            if (map.kernel() instanceof Linear.Quantized) {
                throw new JformersException("quantization: got " + path + ", which is quantized, allowed maps that are"
                        + " not");
            }
            apply(path, map);
        });
    }

    /** The same, leaving what is quantized already. */
    public void applyToRest(Module network) {
        requireProcessor(network.device());
        network.linears().forEach((path, map) -> {
            if (!(map.kernel() instanceof Linear.Quantized)) {
                apply(path, map);
            }
        });
    }

    /** Quantizes one map, if it is large enough. */
    void apply(String path, Linear map) {
        if (!map.isDense()) {
            throw new JformersException("quantization: got an adapter on " + path + ", allowed none: merge it first");
        }
        Tensor weight = map.weight();
        if (takes(weight.size(0), weight.size(1))) {
            Scopes.run(() -> quantize(path, map, weight));
        }
    }

    /**
     * Those who quantize the maps below a network when they get their matrices [out, in], by the names of parameters,
     * instead of the parameters themselves.
     */
    public Map<String, Predicate<Tensor>> takers(Module network) {
        return takers(network, (path, map, weight) -> {
            quantize(path, map, weight);
            return true;
        });
    }

    /** The same for matrices that were quantized so: those that would change are not taken. */
    public Map<String, Predicate<Tensor>> exactTakers(Module network) {
        return takers(network, this::keeps);
    }

    private interface Taker {
        boolean takes(String path, Linear map, Tensor weight);
    }

    private Map<String, Predicate<Tensor>> takers(Module network, Taker taker) {
        Map<String, Predicate<Tensor>> takers = new LinkedHashMap<>();
        Map<String, Parameter> parameters = network.parameters();
        network.linears().forEach((path, map) -> {
            String name = path + ".weight";
            if (parameters.containsKey(name) && takes(map.weight().size(0), map.weight().size(1))) {
                takers.put(name, weight -> taker.takes(path, map, weight));
            }
        });
        return takers;
    }

    private static boolean takes(long out, long in) {
        return Math.min(in, out) >= SMALL;
    }

    private void quantize(String path, Linear map, Tensor weight) {
        if (bits == 4 && weight.size(1) % group == 0 && !path.startsWith("head")) {
            map.quantize("int4", new Int4Weights(weight, group));
        } else {
            map.quantize("int8", new Int8Weights(weight));
        }
    }

    /** The numbers of a matrix [out, in] whose map a kernel of this package computes with. */
    public static WholeNumbers numbers(Linear.Quantized kernel, Tensor weight) {
        return kernel instanceof Int4Weights four
                ? Int4Weights.numbers(weight, four.group())
                : Int8Weights.numbers(weight);
    }

    /** Takes a matrix into as few bits as leave it what it is: some of a model's may have 8 where most have 4. */
    private boolean keeps(String path, Linear map, Tensor weight) {
        // Most of what is not stored so shows in the first rows.
        Tensor first = weight.narrow(0, 0, Math.min(SMALL, weight.size(0)));
        if (bits == 4 && weight.size(1) % group == 0 && fit(new Int4Weights(first, group), first)) {
            return kept(map, "int4", new Int4Weights(weight, group), weight);
        }
        return fit(new Int8Weights(first), first) && kept(map, "int8", new Int8Weights(weight), weight);
    }

    private static <K extends Module & Linear.Quantized> boolean fit(K kernel, Tensor weight) {
        try (K closing = kernel) {
            return error(closing, weight) <= ROUNDING;
        }
    }

    private static <K extends Module & Linear.Quantized> boolean kept(
            Linear map, String name, K kernel, Tensor weight) {
        if (error(kernel, weight) > ROUNDING) {
            kernel.close();
            return false;
        }
        map.quantize(name, kernel);
        return true;
    }

    private static double error(Linear.Quantized kernel, Tensor weight) {
        Tensor exact = weight.to(ScalarType.Float);
        double error = kernel.dequantized().sub_(exact).square_().sum().item_double();
        return error / Math.max(Double.MIN_NORMAL, exact.square().sum().item_double());
    }

    /** Its name, such as {@code int4-32}. */
    @Override
    public String toString() {
        return bits == 8 ? "int8" : "int" + bits + "-" + group;
    }
}
