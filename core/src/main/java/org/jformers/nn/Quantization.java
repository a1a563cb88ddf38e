package org.jformers.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.tensor.Device;
import org.jformers.tensor.Precision;

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
    private static final List<Integer> GROUPS = List.of(32, 64, 128, 256);
    private static final Map<String, Quantization> NAMES = names();

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
        Quantization named = NAMES.get(name);
        if (named == null) {
            throw new JformersException("quantization: got " + name + ", allowed " + NAMES.keySet());
        }
        return named;
    }

    /** Whether there is a quantization of that name. */
    public static boolean isNamed(String name) {
        return NAMES.containsKey(name);
    }

    private static Map<String, Quantization> names() {
        Map<String, Quantization> names = new LinkedHashMap<>();
        names.put("int8", int8());
        names.put("int4", int4());
        GROUPS.forEach(group -> names.put("int4-" + group, int4(group)));
        return names;
    }

    /**
     * Quantizes the linear maps below a network and frees their matrices. Where 4 bits are asked for, heads and maps
     * whose inputs do not divide into groups get 8. Tables of embeddings, convolutions, norms and constants stay.
     *
     * @throws JformersException if the device or the processor has no such products, or a map has an adapter
     */
    public void applyTo(Module network) {
        requireProcessor(network.device());
        network.linears().forEach(this::apply);
    }

    /** Refuses what has no products of whole numbers. */
    public void requireProcessor(Device device) {
        if (!device.equals(Device.CPU) || !Precision.packedProducts()) {
            throw new JformersException("quantized weights: got device " + device + " and a processor of "
                    + System.getProperty("os.arch") + ", allowed the processor, of 64-bit x86");
        }
    }

    /** Quantizes one map, if it is large enough. */
    void apply(String path, Linear map) {
        if (!map.isDense()) {
            throw new JformersException("quantization: got an adapter on " + path + ", allowed none: merge it first");
        }
        apply(path, map, map.weight());
    }

    /** Quantizes one map by numbers that its matrix need not hold yet, [out, in]. */
    void apply(String path, Linear map, Tensor weight) {
        if (Math.min(weight.size(0), weight.size(1)) < SMALL) {
            return;
        }
        if (bits == 4 && weight.size(1) % group == 0 && !path.startsWith("head")) {
            map.quantize("int4", new Int4Weights(weight, group));
        } else {
            map.quantize("int8", new Int8Weights(weight));
        }
    }

    /** Its name, such as {@code int4-32}. */
    @Override
    public String toString() {
        return bits == 8 ? "int8" : "int" + bits + "-" + group;
    }
}
