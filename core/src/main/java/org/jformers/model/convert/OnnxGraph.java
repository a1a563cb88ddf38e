package org.jformers.model.convert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.tensor.Tensors;

/**
 * Who makes and who reads the values of an ONNX file, and those that depend on no input. A stored tensor that the
 * exporter found twice is kept once; under its other names ({@code Identity}) it counts as stored too.
 */
final class OnnxGraph {
    /** Steps between a stored tensor and what is computed of it; exporters need three. */
    private static final int MOST_STEPS = 16;

    private final List<OnnxNode> nodes;
    private final Map<String, OnnxTensor> stored;
    private final Map<String, OnnxNode> makers = new HashMap<>();
    private final Map<String, List<OnnxNode>> readers = new HashMap<>();

    OnnxGraph(OnnxFile file) {
        nodes = file.nodes();
        stored = new LinkedHashMap<>(file.initializers());
        for (OnnxNode node : nodes) {
            node.outputs().forEach(value -> makers.put(value, node));
            node.inputs().forEach(value -> readers.computeIfAbsent(value, key -> new ArrayList<>()).add(node));
            if (node.is("Identity") && stored.containsKey(node.input(0))) {
                stored.put(node.output(), stored.get(node.input(0)));
            }
        }
    }

    List<OnnxNode> nodes() {
        return nodes;
    }

    /** Stored tensors by all their names. */
    Map<String, OnnxTensor> stored() {
        return stored;
    }

    /** The step that makes a value, if none of the inputs and stored tensors is it. */
    Optional<OnnxNode> maker(String value) {
        return stored.containsKey(value) ? Optional.empty() : Optional.ofNullable(makers.get(value));
    }

    List<OnnxNode> readers(String value) {
        return readers.getOrDefault(value, List.of());
    }

    /** The name of the stored tensor that a value is, turned, cast or dequantized; if it is one. */
    Optional<String> root(String value) {
        String name = value;
        for (int step = 0; step < MOST_STEPS && !stored.containsKey(name); step++) {
            Optional<OnnxNode> maker = maker(name).filter(node -> node.is(
                    "Transpose", "Identity", "Cast", "DequantizeLinear", "Squeeze", "Unsqueeze"));
            if (maker.isEmpty()) {
                return Optional.empty();
            }
            name = maker.get().input(0);
        }
        return stored.containsKey(name) ? Optional.of(name) : Optional.empty();
    }

    /** A value that depends on no input, as float32 or int64. In the caller's scope. */
    Optional<Tensor> constant(String value) {
        return constant(value, MOST_STEPS);
    }

    private Optional<Tensor> constant(String value, int steps) {
        OnnxTensor tensor = stored.get(value);
        if (tensor != null) {
            return Optional.of(tensor.values());
        }
        OnnxNode maker = makers.get(value);
        if (maker == null || steps == 0) {
            return Optional.empty();
        }
        return switch (maker.type()) {
            case "Constant" -> Optional.of(constant(maker));
            case "Identity" -> constant(maker.input(0), steps - 1);
            case "Cast" -> constant(maker.input(0), steps - 1).map(values -> cast(values, maker.integer("to", 1)));
            case "Transpose" -> constant(maker.input(0), steps - 1).map(values -> transposed(values, maker));
            case "Unsqueeze" -> constant(maker.input(0), steps - 1).map(values -> values.reshape(-1));
            case "DequantizeLinear" -> constant(maker.input(0), steps - 1).map(values ->
                    dequantized(values, maker.input(1), maker.input(2), (int) maker.integer("axis", 1)));
            default -> Optional.empty();
        };
    }

    private static Tensor constant(OnnxNode node) {
        OnnxNode.Attribute value = node.attributes().values().stream().findFirst().orElseThrow(() ->
                new CheckpointException("ONNX: damaged, the constant " + node.name() + " has no value"));
        if (value.tensor().isPresent()) {
            return value.tensor().get().values();
        }
        if (value.integers().isEmpty()) {
            float[] reals = new float[value.reals().size()];
            for (int i = 0; i < reals.length; i++) {
                reals[i] = value.reals().get(i);
            }
            return Tensors.ofFloats(reals, reals.length);
        }
        return Tensors.ofLongs(value.integers().stream().mapToLong(Long::longValue).toArray(),
                value.integers().size());
    }

    private static Tensor cast(Tensor values, long type) {
        boolean isFloat = type == 1 || type == 10 || type == 11 || type == 16;
        return values.to(isFloat ? ScalarType.Float : ScalarType.Long);
    }

    private static Tensor transposed(Tensor values, OnnxNode node) {
        if (values.dim() != 2) {
            throw new CheckpointException("ONNX: got " + node.name() + " of a stored tensor of " + values.dim()
                    + " axes, allowed 2");
        }
        OnnxNode.Attribute order = node.attributes().get("perm");
        return order == null || order.integers().equals(List.of(1L, 0L)) ? values.t() : values;
    }

    /**
     * (values - zero point) * scale.
     *
     * @param axis where scales that are one per row or column count on
     */
    Tensor dequantized(Tensor values, String scale, String zeroPoint, int axis) {
        Tensor scales = constant(scale).orElseThrow(() ->
                new CheckpointException("ONNX: the scale " + scale + " is not stored"));
        Tensor zero = zeroPoint.isEmpty() ? Tensors.ofLongs(new long[] {0}) : constant(zeroPoint).orElseThrow(() ->
                new CheckpointException("ONNX: the zero point " + zeroPoint + " is not stored"));
        return values.sub(along(values, zero, axis, zeroPoint)).to(ScalarType.Float)
                .mul(along(values, scales, axis, scale));
    }

    /** One number, or as many as an axis has, so that they meet that axis. */
    private static Tensor along(Tensor values, Tensor numbers, int axis, String name) {
        if (numbers.numel() == 1) {
            return numbers.reshape(new long[0]);
        }
        int place = axis < 0 ? (int) values.dim() + axis : axis;
        if (place < 0 || place >= values.dim() || numbers.dim() != 1 || numbers.numel() != values.size(place)) {
            throw new CheckpointException("ONNX: got " + numbers.numel() + " numbers in " + name
                    + ", allowed 1 or one for each place of axis " + axis);
        }
        long[] shape = new long[(int) values.dim()];
        Arrays.fill(shape, 1);
        shape[place] = numbers.numel();
        return numbers.view(shape);
    }

    /** A stored number, if the value is exactly one. */
    Optional<Double> number(String value) {
        return constant(value).filter(values -> values.numel() == 1)
                .map(values -> Double.parseDouble(Float.toString(Tensors.toFloats(values)[0])));
    }

    /** The numbers at the end of a list that is put together, as far as they are stored. */
    List<Long> tail(String value) {
        Optional<Tensor> whole = constant(value);
        if (whole.isPresent()) {
            return longs(whole.get());
        }
        List<Long> tail = new ArrayList<>();
        OnnxNode maker = makers.get(value);
        List<String> parts = maker != null && maker.is("Concat") ? maker.inputs() : List.of();
        for (int part = parts.size() - 1; part >= 0; part--) {
            Optional<Tensor> numbers = constant(parts.get(part));
            if (numbers.isEmpty()) {
                break;
            }
            tail.addAll(0, longs(numbers.get()));
        }
        return tail;
    }

    private static List<Long> longs(Tensor values) {
        List<Long> longs = new ArrayList<>();
        for (long one : Tensors.toLongs(values)) {
            longs.add(one);
        }
        return longs;
    }
}
