package org.jformers.checkpoint.packed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jformers.tensor.DType;

/**
 * bitsandbytes: whole numbers of 8 bits with a scale for each output, or indices of 4 bits into a table with a scale
 * for each block of elements. Source: arXiv:2208.07339, arXiv:2305.14314; transformers' {@code
 * integrations/bitsandbytes.py}.
 *
 * <pre>
 *   8 bits
 *   weight         int8 [out, in]
 *   SCB            float32 [out]
 *   weight_format  uint8, 0: rows as they are
 *
 *   weight[o, i] = q SCB[o] / 127
 *
 *   4 bits, elements counted row by row
 *   weight                        uint8 [n / 2, 1]: element 2 j is the high half of byte j, 2 j + 1 the low one
 *   weight.quant_map              float32 [16]
 *   weight.absmax                 float32 [blocks], or uint8 where it is quantized itself:
 *   weight.nested_quant_map       float32 [256]
 *   weight.nested_absmax          float32, one for each nested_blocksize blocks
 *   weight.quant_state.bitsandbytes__nf4 (or __fp4)   JSON: shape, blocksize, nested_blocksize, nested_offset
 *
 *   element = quant_map[q] absmax,   absmax = nested_quant_map[a] nested_absmax + nested_offset
 * </pre>
 */
final class BitsAndBytes implements WeightQuantization {
    private static final String METHOD = "bitsandbytes";
    private static final String SCB = ".SCB";
    private static final String STATE = ".weight.quant_state.bitsandbytes__";
    private static final float PER_STEP = 1 / 127f;
    private static final JsonMapper JSON = new JsonMapper();

    static BitsAndBytes of(JsonNode json) {
        PackedSettings settings = new PackedSettings(METHOD, json);
        if (!json.path("load_in_4bit").asBoolean() && !json.path("load_in_8bit").asBoolean()) {
            throw settings.refused("load_in_4bit", "true there or in load_in_8bit");
        }
        if (json.path("bnb_4bit_quant_storage").isTextual()) {
            settings.word(List.of("bnb_4bit_quant_storage"), "uint8", List.of("uint8"));
        }
        return new BitsAndBytes();
    }

    @Override
    public String method() {
        return METHOD;
    }

    @Override
    public Map<String, PackedWeight> weights(PackedParts stored) {
        Map<String, PackedWeight> weights = new LinkedHashMap<>();
        stored.modulesWith(SCB).forEach(module -> weights.put(module + ".weight", bytes(stored, module)));
        for (String name : stored.names()) {
            if (name.contains(STATE)) {
                String module = name.substring(0, name.indexOf(STATE));
                weights.put(module + ".weight", halves(stored, module, name));
            }
        }
        return weights;
    }

    private static Bytes bytes(PackedParts stored, String module) {
        PackedChecks checks = new PackedChecks(stored, module + ".weight")
                .type(module + ".weight", DType.INT8).type(module + SCB, DType.FLOAT32);
        int[] sizes = checks.matrix(module + ".weight");
        checks.shape(module + SCB, sizes[0]);
        String format = module + ".weight_format";
        boolean said = stored.names().contains(format);
        if (said && (stored.dtype(format) != DType.UINT8 || stored.bytes(format).get(0) != 0)) {
            throw checks.wrong("another weight_format", stored.bytes(format).get(0), "0 (rows)");
        }
        return new Bytes(module, sizes[0], sizes[1], said);
    }

    private record Bytes(String module, int out, int in, boolean formatted) implements PackedWeight {
        @Override
        public List<Long> shape() {
            return List.of((long) out, (long) in);
        }

        @Override
        public List<String> parts() {
            return formatted
                    ? List.of(module + ".weight", module + SCB, module + ".weight_format")
                    : List.of(module + ".weight", module + SCB);
        }

        @Override
        public Rows open(PackedParts stored) {
            ByteBuffer steps = stored.bytes(module + ".weight");
            float[] scales = stored.floats(module + SCB);
            return (first, count, into) -> {
                for (int row = 0; row < count; row++) {
                    for (int i = 0; i < in; i++) {
                        into[row * in + i] = steps.get((first + row) * in + i) * scales[first + row] * PER_STEP;
                    }
                }
            };
        }
    }

    private static Halves halves(PackedParts stored, String module, String state) {
        String weight = module + ".weight";
        PackedChecks checks = new PackedChecks(stored, weight).type(weight, DType.UINT8).type(state, DType.UINT8)
                .type(weight + ".quant_map", DType.FLOAT32).shape(weight + ".quant_map", 16)
                .type(weight + ".absmax", DType.FLOAT32, DType.UINT8);
        JsonNode json = json(stored.bytes(state), checks);
        JsonNode shape = json.path("shape");
        int block = json.path("blocksize").asInt();
        boolean sound = shape.size() == 2 && shape.get(0).asInt() > 0 && shape.get(1).asInt() > 0
                && (long) shape.get(0).asInt() * shape.get(1).asInt() <= Integer.MAX_VALUE && block > 0;
        if (!sound) {
            throw checks.wrong("quant_state", json, "a shape of two sizes and a blocksize");
        }
        int elements = shape.get(0).asInt() * shape.get(1).asInt();
        int blocks = (elements - 1) / block + 1;
        checks.shape(weight, (elements + 1) / 2, 1).shape(weight + ".absmax", blocks);
        boolean nested = stored.dtype(weight + ".absmax") == DType.UINT8;
        int nestedBlock = json.path("nested_blocksize").asInt();
        if (nested) {
            if (nestedBlock < 1 || !json.path("nested_offset").isNumber()) {
                throw checks.wrong("quant_state", json, "a nested_blocksize and a nested_offset");
            }
            checks.type(weight + ".nested_quant_map", DType.FLOAT32).shape(weight + ".nested_quant_map", 256)
                    .type(weight + ".nested_absmax", DType.FLOAT32)
                    .shape(weight + ".nested_absmax", (blocks - 1) / nestedBlock + 1);
        }
        return new Halves(weight, state, shape.get(0).asInt(), shape.get(1).asInt(), block,
                nested ? nestedBlock : 0, (float) json.path("nested_offset").asDouble());
    }

    private static JsonNode json(ByteBuffer bytes, PackedChecks checks) {
        byte[] text = new byte[bytes.remaining()];
        bytes.get(text);
        try {
            return JSON.readTree(new String(text, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw checks.wrong("quant_state of " + text.length + " bytes", "no JSON", "an object");
        }
    }

    /** @param nestedBlock blocks that share a scale of scales; 0 where scales are not quantized */
    private record Halves(String weight, String state, int out, int in, int block, int nestedBlock, float offset)
            implements PackedWeight {
        @Override
        public List<Long> shape() {
            return List.of((long) out, (long) in);
        }

        @Override
        public List<String> parts() {
            return nestedBlock == 0
                    ? List.of(weight, weight + ".absmax", weight + ".quant_map", state)
                    : List.of(weight, weight + ".absmax", weight + ".quant_map", state,
                            weight + ".nested_absmax", weight + ".nested_quant_map");
        }

        @Override
        public Rows open(PackedParts stored) {
            ByteBuffer bytes = stored.bytes(weight);
            float[] table = stored.floats(weight + ".quant_map");
            float[] scales = nestedBlock == 0 ? stored.floats(weight + ".absmax") : nested(stored);
            return (first, count, into) -> {
                for (int i = 0; i < count * in; i++) {
                    int element = first * in + i;
                    int q = element % 2 == 0 ? bytes.get(element / 2) >> 4 & 15 : bytes.get(element / 2) & 15;
                    into[i] = table[q] * scales[element / block];
                }
            };
        }

        private float[] nested(PackedParts stored) {
            ByteBuffer steps = stored.bytes(weight + ".absmax");
            float[] table = stored.floats(weight + ".nested_quant_map");
            float[] outer = stored.floats(weight + ".nested_absmax");
            float[] scales = new float[steps.remaining()];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = table[steps.get(i) & 0xFF] * outer[i / nestedBlock] + offset;
            }
            return scales;
        }
    }
}
