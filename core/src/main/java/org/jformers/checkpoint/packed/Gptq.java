package org.jformers.checkpoint.packed;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.IntBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.tensor.DType;

/**
 * GPTQ: whole numbers of 4 or 8 bits, packed along the inputs, with a scale and a zero point for each output of each
 * group of inputs. Source: arXiv:2210.17323; the layout of AutoGPTQ's and GPTQModel's folders.
 *
 * <pre>
 *   qweight  int32 [in / p, out]       p = 32 / bits; bits b k to b k + b - 1 of word (i, o) are q of input p i + k
 *   qzeros   int32 [groups, out / p]   the same along the outputs; in the first format one less than the zero point
 *   scales   float [groups, out]
 *   g_idx    int32 [in]                the group of each input; without it, groups are neighbours
 *
 *   weight[o, i] = scales[g, o] (q - z)
 * </pre>
 *
 * @param bits 4 or 8
 * @param groupSize inputs of a group; -1 for all
 * @param offset what is added to a stored zero point, modulo 2^bits
 */
record Gptq(int bits, int groupSize, int offset) implements WeightQuantization {
    private static final String METHOD = "gptq";
    private static final String QWEIGHT = ".qweight";

    static Gptq of(JsonNode json) {
        PackedSettings settings = new PackedSettings(METHOD, json);
        settings.absent("dynamic");
        String format = settings.word(List.of("checkpoint_format", "format"), "gptq", List.of("gptq", "gptq_v2"));
        return new Gptq(settings.integer("bits", 0, List.of(4, 8)), settings.groupSize(),
                format.equals("gptq") ? 1 : 0);
    }

    @Override
    public String method() {
        return METHOD;
    }

    @Override
    public Optional<Grid> grid() {
        return Optional.of(new Grid(bits, Math.max(0, groupSize)));
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
        int perWord = 32 / bits;
        int[] words = checks.matrix(module + QWEIGHT);
        int in = words[0] * perWord;
        int out = words[1];
        int group = groupSize == -1 ? in : groupSize;
        if (out % perWord != 0) {
            throw checks.wrong("outputs", out, "a multiple of " + perWord);
        }
        int groups = (in + group - 1) / group;
        checks.shape(module + ".scales", groups, out).shape(module + ".qzeros", groups, out / perWord);
        boolean indexed = stored.names().contains(module + ".g_idx");
        if (indexed) {
            checks.type(module + ".g_idx", DType.INT32).shape(module + ".g_idx", in);
        }
        return new Weight(this, module, out, in, groups, group, indexed);
    }

    /** One weight, by its module's name. */
    private record Weight(Gptq kind, String module, int out, int in, int groups, int group, boolean indexed)
            implements PackedWeight {
        @Override
        public List<Long> shape() {
            return List.of((long) out, (long) in);
        }

        @Override
        public List<String> parts() {
            return indexed
                    ? List.of(module + QWEIGHT, module + ".qzeros", module + ".scales", module + ".g_idx")
                    : List.of(module + QWEIGHT, module + ".qzeros", module + ".scales");
        }

        @Override
        public Rows open(PackedParts stored) {
            IntBuffer words = stored.bytes(module + QWEIGHT).asIntBuffer();
            IntBuffer zeros = stored.bytes(module + ".qzeros").asIntBuffer();
            float[] scales = stored.floats(module + ".scales");
            int[] groupOf = groupOf(stored);
            int perWord = 32 / kind.bits;
            int mask = (1 << kind.bits) - 1;
            return (first, count, into) -> {
                float[] scale = new float[groups];
                int[] zero = new int[groups];
                for (int row = 0; row < count; row++) {
                    int o = first + row;
                    for (int g = 0; g < groups; g++) {
                        scale[g] = scales[g * out + o];
                        int stepsOff = zeros.get(g * (out / perWord) + o / perWord) >>> o % perWord * kind.bits;
                        zero[g] = (stepsOff & mask) + kind.offset & mask;
                    }
                    for (int i = 0; i < in; i++) {
                        int q = words.get(i / perWord * out + o) >>> i % perWord * kind.bits & mask;
                        into[row * in + i] = scale[groupOf[i]] * (q - zero[groupOf[i]]);
                    }
                }
            };
        }

        private int[] groupOf(PackedParts stored) {
            int[] groupOf = new int[in];
            if (indexed) {
                stored.bytes(module + ".g_idx").asIntBuffer().get(groupOf);
            }
            for (int i = 0; i < in; i++) {
                groupOf[i] = indexed ? groupOf[i] : i / group;
                if (groupOf[i] < 0 || groupOf[i] >= groups) {
                    throw new PackedChecks(stored, module + ".weight")
                            .wrong("a group in g_idx", groupOf[i], "0 to " + (groups - 1));
                }
            }
            return groupOf;
        }
    }
}
