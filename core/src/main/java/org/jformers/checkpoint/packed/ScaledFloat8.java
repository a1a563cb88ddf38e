package org.jformers.checkpoint.packed;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jformers.tensor.DType;

/**
 * Numbers of 8 bits, four of exponent and three of fraction (e4m3), with a scale for the tensor, for each output or for
 * each block. Source: arXiv:2209.05433, arXiv:2412.19437 (3.3); transformers' {@code
 * integrations/finegrained_fp8.py} and {@code fbgemm_fp8.py}; compressed-tensors' {@code float-quantized}.
 *
 * <pre>
 *   weight                               float8_e4m3 [out, in]
 *   weight_scale_inv, or weight_scale    float [], [1], [out, 1] or [out / r, in / c], rounded up
 *
 *   weight[o, i] = q scale
 * </pre>
 *
 * Scales of what goes into a layer ({@code input_scale}, {@code activation_scale}) are not needed: it is not quantized.
 *
 * @param method as {@code quant_method} says it
 * @param rows rows of a block; 0 where the scales are no matrix of blocks
 * @param columns columns of a block
 */
record ScaledFloat8(String method, int rows, int columns) implements WeightQuantization {
    private static final List<String> SCALES = List.of("_scale_inv", "_scale");
    private static final List<String> OF_INPUTS = List.of("input_scale", "activation_scale", "input_scale_ub");
    private static final float[] NUMBERS = numbers();

    static ScaledFloat8 of(JsonNode json) {
        PackedSettings settings = new PackedSettings(json.get("quant_method").asText(), json);
        settings.word(List.of("fmt"), "e4m3", List.of("e4m3"));
        return new ScaledFloat8(settings.method(), size(settings, "weight_block_size", 0),
                size(settings, "weight_block_size", 1));
    }

    static ScaledFloat8 ofCompressedTensors(JsonNode json) {
        PackedSettings settings = new PackedSettings("compressed-tensors", json);
        settings.word(List.of("format"), "", List.of("float-quantized"));
        settings.absent("sparsity_config");
        int rows = 0;
        int columns = 0;
        for (JsonNode group : json.path("config_groups")) {
            JsonNode weights = group.path("weights");
            boolean known = weights.path("num_bits").asInt() == 8 && weights.path("type").asText().equals("float")
                    && weights.path("symmetric").asBoolean(true)
                    && List.of("tensor", "channel", "block").contains(weights.path("strategy").asText("tensor"));
            if (!known) {
                throw settings.refused("config_groups", "weights of type float, 8 bits, by tensor, channel or block");
            }
            PackedSettings own = new PackedSettings(settings.method(), weights);
            rows = Math.max(rows, size(own, "block_structure", 0));
            columns = Math.max(columns, size(own, "block_structure", 1));
        }
        return new ScaledFloat8(settings.method(), rows, columns);
    }

    /** One of the two sizes of a block; 0 where nothing is said. */
    private static int size(PackedSettings settings, String key, int which) {
        JsonNode sizes = settings.settings().path(key);
        if (sizes.isMissingNode() || sizes.isNull()) {
            return 0;
        }
        if (sizes.size() != 2 || sizes.get(which).asInt() < 1) {
            throw settings.refused(key, "two numbers above 0");
        }
        return sizes.get(which).asInt();
    }

    @Override
    public Map<String, PackedWeight> weights(PackedParts stored) {
        Map<String, PackedWeight> weights = new LinkedHashMap<>();
        for (String name : stored.names()) {
            if (name.endsWith(".weight") && stored.dtype(name) == DType.FLOAT8_E4M3) {
                weights.put(name, weight(stored, name));
            }
        }
        return weights;
    }

    private Weight weight(PackedParts stored, String name) {
        PackedChecks checks = new PackedChecks(stored, name);
        int[] sizes = checks.matrix(name);
        String scale = SCALES.stream().map(name::concat).filter(stored.names()::contains).findFirst()
                .orElse(name + SCALES.get(0));
        checks.type(scale, DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16);
        List<String> parts = new ArrayList<>(List.of(name, scale));
        String module = name.substring(0, name.length() - "weight".length());
        OF_INPUTS.stream().map(module::concat).filter(stored.names()::contains).forEach(parts::add);
        List<Long> shape = stored.shape(scale);
        if (shape.stream().allMatch(size -> size == 1)) {
            return new Weight(parts, sizes[0], sizes[1], sizes[0], sizes[1]);
        }
        if (shape.equals(List.of((long) sizes[0], 1L)) || shape.equals(List.of((long) sizes[0]))) {
            return new Weight(parts, sizes[0], sizes[1], 1, sizes[1]);
        }
        if (rows == 0) {
            throw checks.wrong("a scale of shape", shape, "[], [1] or [" + sizes[0] + ", 1]");
        }
        checks.shape(scale, (sizes[0] - 1) / rows + 1, (sizes[1] - 1) / columns + 1);
        return new Weight(parts, sizes[0], sizes[1], rows, columns);
    }

    /**
     * @param parts the weight, its scales, and what is not needed
     * @param rows rows that share a scale
     * @param columns columns that share a scale
     */
    private record Weight(List<String> parts, int out, int in, int rows, int columns) implements PackedWeight {
        @Override
        public List<Long> shape() {
            return List.of((long) out, (long) in);
        }

        @Override
        public Rows open(PackedParts stored) {
            ByteBuffer bytes = stored.bytes(parts.get(0));
            float[] scales = stored.floats(parts.get(1));
            int across = (in - 1) / columns + 1;
            return (first, count, into) -> {
                for (int row = 0; row < count; row++) {
                    int o = first + row;
                    for (int i = 0; i < in; i++) {
                        into[row * in + i] =
                                NUMBERS[bytes.get(o * in + i) & 0xFF] * scales[o / rows * across + i / columns];
                    }
                }
            };
        }
    }

    /** All numbers of e4m3 (arXiv:2209.05433, table 1): no infinities, and none where all bits but the sign are set. */
    private static float[] numbers() {
        float[] numbers = new float[256];
        for (int bits = 0; bits < 256; bits++) {
            int exponent = bits >> 3 & 15;
            int fraction = bits & 7;
            float magnitude = exponent == 0
                    ? fraction * 0x1p-9f
                    : (1 + fraction / 8f) * (float) Math.pow(2, exponent - 7);
            float number = (bits & 127) == 127 ? Float.NaN : magnitude;
            numbers[bits] = bits < 128 ? number : -number;
        }
        return numbers;
    }
}
