package org.jformers.checkpoint.packed;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Tensors;

/**
 * Quantized weights on their way into a folder, as {@link CompressedIntegers} lays them out: in 8 bits as {@code
 * int-quantized} where all are, otherwise in 8 and 4 bits as {@code pack-quantized}.
 */
public final class CompressedWeights {
    private static final Scalar SIXTEEN = Tensors.constant(16);
    private static final Scalar MOST_NEGATIVE = Tensors.constant(128);

    private record Matrix(Tensor number, Tensor scale, Optional<Tensor> zero, boolean transposed) {
        int bits() {
            return zero.isPresent() ? 4 : 8;
        }

        long group() {
            return bits() == 8 ? 0 : number.size(1) / scale.size(1);
        }
    }

    private final Map<String, Matrix> matrices = new LinkedHashMap<>();

    /**
     * Adds a matrix.
     *
     * @param module whose weight it is, by its name in checkpoints
     * @param number [O, I]: int8, or uint8 from 0 to 15 where there are zero points
     * @param scale [O, G]
     * @param zero uint8 [O, G], for numbers of 4 bits
     * @param transposed whether the checkpoint has the matrix as [I, O]
     */
    public void add(String module, Tensor number, Tensor scale, Optional<Tensor> zero, boolean transposed) {
        matrices.put(module, new Matrix(number, scale, zero, transposed));
    }

    private boolean packed() {
        return matrices.values().stream().anyMatch(matrix -> matrix.bits() == 4);
    }

    /** What is stored, by name. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        boolean packed = packed();
        matrices.forEach((module, matrix) -> {
            Tensor number = turned(matrix.number(), matrix);
            tensors.put(module + ".weight_scale", turned(matrix.scale(), matrix).contiguous());
            if (!packed) {
                tensors.put(module + ".weight", number.contiguous());
                return;
            }
            long[] shape = number.shape();
            tensors.put(module + ".weight_shape", Tensors.ofLongs(shape, 2));
            tensors.put(module + ".weight_packed", matrix.bits() == 4 ? halves(number) : bytes(number));
            matrix.zero().ifPresent(zero ->
                    tensors.put(module + ".weight_zero_point", halves(turned(zero, matrix).t()).t().contiguous()));
        });
        return tensors;
    }

    private static Tensor turned(Tensor tensor, Matrix matrix) {
        return matrix.transposed() ? tensor.t() : tensor;
    }

    /** Numbers from 0 to 15 in words of 32 bits, the first in the lowest; rows are filled up with 0. */
    private static Tensor halves(Tensor number) {
        Tensor whole = filled(number, 8);
        Tensor pairs = whole.reshape(whole.size(0), -1, 2);
        return pairs.select(2, 0).add(pairs.select(2, 1).mul(SIXTEEN)).contiguous().view(ScalarType.Int);
    }

    /** Numbers from -128 to 127 in words, counted from -128. */
    private static Tensor bytes(Tensor number) {
        Tensor whole = filled(number.to(ScalarType.Short).add(MOST_NEGATIVE).to(ScalarType.Byte), 4);
        return whole.contiguous().view(ScalarType.Int);
    }

    private static Tensor filled(Tensor number, long perWord) {
        long missing = Math.floorMod(-number.size(1), perWord);
        return missing == 0
                ? number
                : Tensors.cat(1, number, Tensors.empty(ScalarType.Byte, number.size(0), missing).zero_());
    }

    /** The {@code quantization_config} of the folder. */
    public ObjectNode settings() {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        settings.put("quant_method", "compressed-tensors");
        settings.put("quantization_status", "compressed");
        settings.put("format", packed() ? "pack-quantized" : "int-quantized");
        settings.putArray("ignore");
        Map<List<Long>, ArrayNode> targets = new LinkedHashMap<>();
        ObjectNode groups = settings.putObject("config_groups");
        matrices.forEach((module, matrix) -> targets
                .computeIfAbsent(List.of((long) matrix.bits(), matrix.group()), kind -> group(groups, matrix))
                .add(module));
        return settings;
    }

    private ArrayNode group(ObjectNode groups, Matrix matrix) {
        ObjectNode group = groups.putObject("group_" + groups.size());
        ObjectNode weights = group.putObject("weights");
        weights.put("num_bits", matrix.bits()).put("type", "int").put("symmetric", matrix.bits() == 8)
                .put("strategy", matrix.group() == 0 ? "channel" : "group").put("dynamic", false);
        if (matrix.group() > 0) {
            weights.put("group_size", matrix.group());
        }
        if (packed()) {
            group.putNull("input_activations");
        } else {
            group.putObject("input_activations").put("num_bits", 8).put("type", "int").put("symmetric", true)
                    .put("strategy", "token").put("dynamic", true);
        }
        group.putNull("output_activations");
        return group.putArray("targets");
    }
}
