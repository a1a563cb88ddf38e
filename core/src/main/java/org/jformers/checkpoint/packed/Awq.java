package org.jformers.checkpoint.packed;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.IntBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.tensor.DType;

/**
 * AWQ: whole numbers of 4 bits, packed along the outputs in an order of their own, with a scale and a zero point for
 * each output of each group of inputs. Source: arXiv:2306.00978; AutoAWQ's layout {@code gemm}.
 *
 * <pre>
 *   qweight  int32 [in, out / 8]       bits 4 k to 4 k + 3 of word (i, w) are q of output 8 w + order[k]
 *   qzeros   int32 [groups, out / 8]   zero points in the same order
 *   scales   float [groups, out]
 *   order    0, 2, 4, 6, 1, 3, 5, 7
 *
 *   weight[o, i] = scales[g, o] (q - z)
 * </pre>
 *
 * @param groupSize inputs of a group; -1 for all
 */
record Awq(int groupSize) implements WeightQuantization {
    private static final String METHOD = "awq";
    private static final String QWEIGHT = ".qweight";
    private static final int PER_WORD = 8;
    /** The place in a word of each of its outputs: the inverse of the order. */
    private static final int[] PLACES = {0, 4, 1, 5, 2, 6, 3, 7};

    static Awq of(JsonNode json) {
        PackedSettings settings = new PackedSettings(METHOD, json);
        settings.word(List.of("version", "format"), "gemm", List.of("gemm"));
        settings.integer("bits", 4, List.of(4));
        if (!json.path("zero_point").asBoolean(true)) {
            throw settings.refused("zero_point", true);
        }
        return new Awq(settings.groupSize());
    }

    @Override
    public String method() {
        return METHOD;
    }

    @Override
    public Optional<Grid> grid() {
        return Optional.of(new Grid(4, Math.max(0, groupSize)));
    }

    @Override
    public Map<String, PackedWeight> weights(PackedParts stored) {
        Map<String, PackedWeight> weights = new LinkedHashMap<>();
        stored.modulesWith(QWEIGHT).forEach(module -> weights.put(module + ".weight", weight(stored, module)));
        return weights;
    }

    private Weight weight(PackedParts stored, String module) {
        PackedChecks checks = new PackedChecks(stored, module + ".weight")
                .type(module + QWEIGHT, DType.INT32).type(module + ".qzeros", DType.INT32)
                .type(module + ".scales", DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32);
        int[] words = checks.matrix(module + QWEIGHT);
        int in = words[0];
        int group = groupSize == -1 ? in : groupSize;
        if (in % group != 0) {
            throw checks.wrong("inputs", in, "a multiple of the group_size " + group);
        }
        int out = words[1] * PER_WORD;
        checks.shape(module + ".scales", in / group, out).shape(module + ".qzeros", in / group, words[1]);
        return new Weight(module, out, in, group);
    }

    /** One weight, by its module's name. */
    private record Weight(String module, int out, int in, int group) implements PackedWeight {
        @Override
        public List<Long> shape() {
            return List.of((long) out, (long) in);
        }

        @Override
        public List<String> parts() {
            return List.of(module + QWEIGHT, module + ".qzeros", module + ".scales");
        }

        @Override
        public Rows open(PackedParts stored) {
            IntBuffer words = stored.bytes(module + QWEIGHT).asIntBuffer();
            IntBuffer zeros = stored.bytes(module + ".qzeros").asIntBuffer();
            float[] scales = stored.floats(module + ".scales");
            int width = out / PER_WORD;
            return (first, count, into) -> {
                for (int row = 0; row < count; row++) {
                    int o = first + row;
                    int shift = 4 * PLACES[o % PER_WORD];
                    for (int i = 0; i < in; i++) {
                        int g = i / group;
                        int q = words.get(i * width + o / PER_WORD) >>> shift & 15;
                        int z = zeros.get(g * width + o / PER_WORD) >>> shift & 15;
                        into[row * in + i] = scales[g * out + o] * (q - z);
                    }
                }
            };
        }
    }
}
