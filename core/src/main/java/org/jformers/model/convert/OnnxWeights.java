package org.jformers.model.convert;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;

/**
 * The weights of an ONNX graph under the names that they had in PyTorch. A stored tensor keeps its name; a matrix that
 * the exporter turned lost it ({@code onnx::MatMul_123}) and gets that of the module that multiplies with it, or of the
 * bias added to the product.
 *
 * @param tensors weights by name, float32; in the caller's scope
 * @param linears products with stored matrices, by module
 */
record OnnxWeights(Map<String, Tensor> tensors, Map<String, OnnxLinear> linears) {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";
    private static final String QUANTIZED = "_quantized";

    static OnnxWeights of(OnnxGraph graph) {
        Map<String, Tensor> tensors = new TreeMap<>();
        Map<String, OnnxLinear> linears = new HashMap<>();
        Set<String> used = new HashSet<>();
        for (OnnxNode node : graph.nodes()) {
            OnnxLinear.of(node, graph).ifPresent(linear -> {
                String module = module(linear);
                used.add(linear.root());
                linear.scale().ifPresent(used::add);
                linears.put(module, linear);
                boolean isNamed = plain(linear.root()).endsWith(WEIGHT);
                tensors.putIfAbsent(isNamed ? plain(linear.root()) : module + WEIGHT, linear.weight());
            });
            if (node.is("DequantizeLinear", "QuantizeLinear")) {
                used.addAll(node.inputs().subList(1, node.inputs().size()));
            }
        }
        List<String> nameless = new ArrayList<>();
        for (Map.Entry<String, OnnxTensor> entry : graph.stored().entrySet()) {
            String name = plain(entry.getKey());
            boolean isWeight = name.endsWith(WEIGHT) || name.endsWith(BIAS);
            if (used.contains(entry.getKey()) || tensors.containsKey(name)) {
                continue;
            }
            if (isWeight) {
                tensors.put(name, values(graph, entry.getKey(), entry.getValue()));
            } else if (entry.getValue().isFloat() && entry.getValue().shape().length > 0
                    && entry.getValue().data().remaining() > Double.BYTES) {
                nameless.add(entry.getKey());
            }
        }
        if (!nameless.isEmpty()) {
            throw new CheckpointException("ONNX: got stored tensors that are no weight of a known module, "
                    + nameless.subList(0, Math.min(nameless.size(), 5)));
        }
        return new OnnxWeights(tensors, linears);
    }

    private static String module(OnnxLinear linear) {
        String root = plain(linear.root());
        Optional<String> byName = Optional.of(root).filter(name -> name.endsWith(WEIGHT) && linear.module().isEmpty())
                .map(name -> name.substring(0, name.length() - WEIGHT.length()));
        Optional<String> byBias = linear.bias().map(OnnxWeights::plain).filter(name -> name.endsWith(BIAS))
                .map(name -> name.substring(0, name.length() - BIAS.length()));
        return byName.or(linear::module).or(() -> byBias).orElseThrow(() -> new CheckpointException(
                "ONNX: no name tells which module multiplies with " + linear.root()));
    }

    private static String plain(String name) {
        return name.endsWith(QUANTIZED) ? name.substring(0, name.length() - QUANTIZED.length()) : name;
    }

    /** A stored tensor as it was before it was quantized: by the pair it is in, or the one behind its table's rows. */
    private static Tensor values(OnnxGraph graph, String name, OnnxTensor stored) {
        if (!stored.isByte()) {
            return stored.values();
        }
        for (OnnxNode reader : graph.readers(name)) {
            if (reader.is("DequantizeLinear")) {
                return graph.constant(reader.output()).orElseThrow();
            }
            for (OnnxNode next : reader.is("Gather") ? graph.readers(reader.output()) : List.<OnnxNode>of()) {
                if (next.is("DequantizeLinear")) { // rows are as they were in the table: one scale for all
                    return graph.dequantized(stored.values(), next.input(1), next.input(2), Integer.MAX_VALUE);
                }
            }
        }
        throw new CheckpointException("ONNX: no scale tells what the bytes of " + name + " are");
    }
}
