package org.jformers.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.WeightMap;
import org.jformers.checkpoint.packed.CompressedWeights;
import org.jformers.nn.Linear;
import org.jformers.nn.Quantization;
import org.jformers.nn.WholeNumbers;

/**
 * The matrices of a model that are quantized, as a folder stores them: by the names and in the parts of a checkpoint,
 * which a map of the model may be several of, or transposed.
 */
final class QuantizedWeights {
    private static final String WEIGHT = ".weight";

    private final CompressedWeights compressed = new CompressedWeights();

    /** Those that a checkpoint does not have as matrices: in float32. */
    private final Map<String, Tensor> plain = new LinkedHashMap<>();

    private QuantizedWeights() {}

    /** Whether any is quantized. */
    static boolean isIn(Model model) {
        return model.network().linears().values().stream()
                .anyMatch(map -> map.kernel() instanceof Linear.Quantized);
    }

    static QuantizedWeights of(Model model) {
        QuantizedWeights weights = new QuantizedWeights();
        WeightMap names = model.identity().weights();
        Map<String, Tensor> matrices = new LinkedHashMap<>();
        Map<String, Linear.Quantized> kernels = new LinkedHashMap<>();
        model.network().linears().forEach((path, map) -> {
            if (map.kernel() instanceof Linear.Quantized kernel && !map.isShared()) {
                matrices.put(path + WEIGHT, kernel.dequantized());
                kernels.put(path + WEIGHT, kernel);
            }
        });
        names.save(matrices).forEach((stored, matrix) -> {
            String name = names.full(stored);
            Linear.Quantized kernel = Objects.requireNonNull(
                    kernels.get(names.heldBy(name, kernels.keySet()).get(0)));
            weights.add(stored, matrix, kernel, names.transposes(name));
        });
        return weights;
    }

    private void add(String stored, Tensor matrix, Linear.Quantized kernel, boolean transposed) {
        if (matrix.dim() != 2 || !stored.endsWith(WEIGHT)) {
            plain.put(stored, matrix);
            return;
        }
        WholeNumbers numbers = Quantization.numbers(kernel, transposed ? matrix.t() : matrix);
        compressed.add(stored.substring(0, stored.length() - WEIGHT.length()),
                numbers.number(), numbers.scale(), numbers.zero(), transposed);
    }

    /** What is stored of them, by name. */
    Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>(plain);
        tensors.putAll(compressed.tensors());
        return tensors;
    }

    /** The {@code quantization_config} of the folder. */
    ObjectNode settings() {
        return compressed.settings();
    }
}
