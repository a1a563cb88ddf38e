package org.jformers.model.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;

/**
 * A product with a stored matrix, and the bias behind it: {@code MatMul}, {@code Gemm} or {@code MatMulInteger}, whose
 * whole numbers are multiplied by the scales of both factors.
 *
 * @param root name of the stored matrix
 * @param module the module that the step belongs to, if the exporter tells
 * @param scale name of the stored scales of a matrix of whole numbers
 * @param bias name of the stored bias, if there is one
 * @param weight the matrix [out, in], float32
 * @param input the value that is multiplied
 * @param outputs the values that are the product, from the first to the one with the bias, quantized or not
 */
record OnnxLinear(
        String root,
        Optional<String> module,
        Optional<String> scale,
        Optional<String> bias,
        Tensor weight,
        String input,
        List<String> outputs) {
    private static final int MOST_STEPS = 8;

    /** The product that a step makes, if it multiplies with a stored matrix. In the caller's scope. */
    static Optional<OnnxLinear> of(OnnxNode node, OnnxGraph graph) {
        if (node.is("QLinearMatMul", "QGemm")) {
            throw new CheckpointException("ONNX: got the operator " + node.type()
                    + ", allowed MatMul, Gemm, MatMulInteger, QuantizeLinear and DequantizeLinear");
        }
        if (!node.is("MatMul", "Gemm", "MatMulInteger")) {
            return Optional.empty();
        }
        Optional<String> root = graph.root(node.input(1));
        Optional<Tensor> factor = root.flatMap(name -> graph.constant(node.input(1)));
        if (factor.isEmpty() || factor.get().dim() != 2) {
            return Optional.empty();
        }
        boolean isGemm = node.is("Gemm");
        if (isGemm && (node.real("alpha", 1) != 1 || node.real("beta", 1) != 1 || node.integer("transA", 0) != 0)) {
            throw new CheckpointException("ONNX: got " + node.name() + " with alpha, beta or transA, allowed x W + b");
        }
        Behind behind = new Behind(node, graph);
        Tensor matrix = factor.get();
        if (node.is("MatMulInteger")) {
            String scale = behind.scale.orElseThrow(() -> new CheckpointException(
                    "ONNX: no scale follows " + node.name() + ", which multiplies whole numbers"));
            matrix = graph.dequantized(matrix, scale, node.input(3), 1);
        }
        Tensor weight = isGemm && node.integer("transB", 0) == 1 ? matrix : matrix.t();
        return Optional.of(new OnnxLinear(
                root.get(), node.module(), behind.scale, behind.bias, weight.contiguous(), node.input(0),
                behind.outputs));
    }

    /** What follows a product: casts, scales, the bias, and pairs that quantize. */
    private static final class Behind {
        private final OnnxGraph graph;
        private final List<String> outputs = new ArrayList<>();
        private Optional<String> scale = Optional.empty();
        private Optional<String> bias = Optional.empty();

        Behind(OnnxNode node, OnnxGraph graph) {
            this.graph = graph;
            if (node.is("Gemm")) {
                bias = graph.root(node.input(2));
            }
            Optional<OnnxNode> next = Optional.of(node);
            for (int step = 0; step < MOST_STEPS && next.isPresent(); step++) {
                String value = next.get().output();
                outputs.add(value);
                boolean isInteger = node.is("MatMulInteger");
                next = graph.readers(value).stream().filter(one -> follows(one, value, isInteger)).findFirst();
            }
        }

        private boolean follows(OnnxNode next, String value, boolean isInteger) {
            String other = next.input(next.input(0).equals(value) ? 1 : 0);
            if (next.is("Cast", "QuantizeLinear", "DequantizeLinear")) {
                return next.input(0).equals(value);
            }
            if (next.is("Mul") && isInteger && scale.isEmpty()) {
                scale = graph.maker(other).filter(maker -> maker.is("Mul")).stream()
                        .flatMap(maker -> maker.inputs().stream())
                        .filter(input -> graph.root(input).isPresent()).findFirst();
                return scale.isPresent();
            }
            if (next.is("Add") && bias.isEmpty()) {
                bias = graph.root(other);
                return bias.isPresent();
            }
            return false;
        }
    }
}
