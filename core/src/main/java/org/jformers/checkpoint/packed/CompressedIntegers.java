package org.jformers.checkpoint.packed;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jformers.tensor.DType;

/**
 * Whole numbers of 8 or 4 bits with a scale for the tensor, for each output, or for each output of each group of
 * inputs: compressed-tensors' formats {@code int-quantized} and {@code pack-quantized}.
 *
 * <pre>
 *   int-quantized
 *   weight              int8 [R, C]
 *   weight_scale        float [], [1] or [r, c]: one for each block of R / r rows and C / c columns
 *   weight_zero_point   int8, as weight_scale; without it 0
 *
 *   pack-quantized
 *   weight_packed       int32 [R, C b / 32, rounded up], b = 8 or 4 bits: bits b k to b k + b - 1 of word (i, w) are
 *                       q + 2^(b - 1) of column 32 w / b + k
 *   weight_shape        int64 [2]: R, C
 *   weight_scale        as above
 *   weight_zero_point   int8 as weight_scale, or packed along the rows: int32 [r b / 32, rounded up, c]
 *
 *   weight[i, j] = scale (q - z)
 * </pre>
 *
 * Rows are outputs; of matrices that a checkpoint has transposed, as GPT-2's, they are inputs.
 *
 * @param bits what the settings say of most weights
 * @param group inputs of a group; 0 for all
 */
record CompressedIntegers(int bits, int group) implements WeightQuantization {
    private static final String METHOD = "compressed-tensors";
    private static final List<String> FORMATS = List.of("int-quantized", "pack-quantized");
    private static final String PACKED = ".weight_packed";
    private static final List<String> UNREAD =
            List.of(".input_scale", ".input_zero_point", ".output_scale", ".output_zero_point");

    /** Whether settings name one of these formats. */
    static boolean isNamed(JsonNode settings) {
        return FORMATS.contains(settings.path("format").asText());
    }

    static CompressedIntegers of(JsonNode json) {
        PackedSettings settings = new PackedSettings(METHOD, json);
        settings.absent("sparsity_config");
        settings.absent("transform_config");
        int bits = 8;
        int group = 0;
        for (JsonNode one : json.path("config_groups")) {
            JsonNode weights = one.path("weights");
            int its = weights.path("num_bits").asInt();
            String strategy = weights.path("strategy").asText("tensor");
            boolean known = (its == 4 || its == 8) && weights.path("type").asText("int").equals("int")
                    && List.of("tensor", "channel", "group").contains(strategy)
                    && !weights.path("actorder").asText("").equals("group");
            if (!known) {
                throw settings.refused("config_groups",
                        "weights of type int, 4 or 8 bits, by tensor, channel or group, without actorder group");
            }
            bits = Math.min(bits, its);
            group = Math.max(group, strategy.equals("group") ? weights.path("group_size").asInt() : 0);
        }
        return new CompressedIntegers(bits, group);
    }

    @Override
    public String method() {
        return METHOD;
    }

    @Override
    public Optional<Grid> grid() {
        return Optional.of(new Grid(bits, group));
    }

    @Override
    public Map<String, PackedWeight> weights(PackedParts stored) {
        Map<String, PackedWeight> weights = new LinkedHashMap<>();
        for (String name : stored.names()) {
            if (name.endsWith(".weight") && stored.dtype(name) == DType.INT8) {
                String module = name.substring(0, name.length() - ".weight".length());
                PackedChecks checks = new PackedChecks(stored, name);
                int[] sizes = checks.matrix(name);
                weights.put(name, weight(checks, module, new Numbers(name, sizes[0], sizes[1], Byte.SIZE, false)));
            }
        }
        stored.modulesWith(PACKED).forEach(module -> weights.put(module + ".weight", packed(stored, module)));
        return weights;
    }

    private static Weight packed(PackedParts stored, String module) {
        String words = module + PACKED;
        String shape = module + ".weight_shape";
        PackedChecks checks = new PackedChecks(stored, module + ".weight").type(words, DType.INT32);
        int[] sizes = checks.matrix(words);
        checks.type(shape, DType.INT64, DType.INT32).shape(shape, 2);
        ByteBuffer two = stored.bytes(shape);
        boolean wide = stored.dtype(shape) == DType.INT64;
        long rows = wide ? two.getLong(0) : two.getInt(0);
        long columns = wide ? two.getLong(Long.BYTES) : two.getInt(Integer.BYTES);
        for (int bits : List.of(4, 8)) {
            if (rows == sizes[0] && columns > 0 && (columns * bits + 31) / 32 == sizes[1]) {
                return weight(checks, module, new Numbers(words, sizes[0], (int) columns, bits, true));
            }
        }
        throw checks.wrong("a weight_shape of " + rows + " x " + columns + " for words of", List.of(sizes[0], sizes[1]),
                "as many rows, and columns of 4 or 8 bits");
    }

    private static Weight weight(PackedChecks checks, String module, Numbers numbers) {
        PackedParts stored = checks.stored();
        String scale = module + ".weight_scale";
        checks.type(scale, DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16);
        if (stored.names().contains(module + ".weight_g_idx")) {
            throw checks.wrong("groups in an order of their own", module + ".weight_g_idx", "neighbours");
        }
        List<Long> shape = stored.shape(scale).stream().filter(size -> stored.shape(scale).size() == 2 || size != 1)
                .toList();
        int down = shape.isEmpty() ? 1 : Math.toIntExact(shape.get(0));
        int across = shape.size() < 2 ? 1 : Math.toIntExact(shape.get(1));
        if (shape.size() > 2 || down < 1 || across < 1 || numbers.rows() % down != 0
                || numbers.columns() % across != 0) {
            throw checks.wrong("a weight_scale of shape", stored.shape(scale), "[], [1], or two sizes that divide ["
                    + numbers.rows() + ", " + numbers.columns() + "]");
        }
        Optional<Numbers> zeros = zeros(checks, module + ".weight_zero_point", numbers.bits(), down, across);
        List<String> parts = new ArrayList<>(List.of(numbers.name(), scale));
        zeros.ifPresent(one -> parts.add(one.name()));
        Stream.concat(Stream.of(".weight_shape"), UNREAD.stream()).map(module::concat)
                .filter(stored.names()::contains).forEach(parts::add);
        return new Weight(parts, numbers, scale, down, across, zeros);
    }

    private static Optional<Numbers> zeros(PackedChecks checks, String name, int bits, int down, int across) {
        PackedParts stored = checks.stored();
        if (!stored.names().contains(name)) {
            return Optional.empty();
        }
        checks.type(name, DType.INT8, DType.INT32);
        boolean packed = stored.dtype(name) == DType.INT32;
        long elements = stored.shape(name).stream().reduce(1L, (a, b) -> a * b);
        long wanted = packed ? (down * (long) bits + 31) / 32 * across : (long) down * across;
        if (elements != wanted) {
            throw checks.wrong("a weight_zero_point of shape", stored.shape(name), wanted + " elements");
        }
        return Optional.of(new Numbers(name, down, across, bits, packed));
    }

    /**
     * Stored whole numbers.
     *
     * @param packed whether they are in words
     */
    private record Numbers(String name, int rows, int columns, int bits, boolean packed) {}

    /**
     * @param down number of blocks that rows are in
     * @param across number of blocks that columns are in
     */
    private record Weight(
            List<String> parts, Numbers numbers, String scale, int down, int across, Optional<Numbers> zeros)
            implements PackedWeight {
        @Override
        public List<Long> shape() {
            return List.of((long) numbers.rows(), (long) numbers.columns());
        }

        @Override
        public Rows open(PackedParts stored) {
            float[] scales = stored.floats(scale);
            int[] zero = zeros.map(one -> zeros(stored, one)).orElseGet(() -> new int[scales.length]);
            int columns = numbers.columns();
            int high = numbers.rows() / down;
            int wide = columns / across;
            Row row = numbers.packed()
                    ? row(stored.bytes(numbers.name()).asIntBuffer(), numbers.bits(), columns)
                    : row(stored.bytes(numbers.name()), columns);
            return (first, count, into) -> {
                int[] number = new int[columns];
                for (int i = 0; i < count; i++) {
                    row.read(first + i, number);
                    int block = (first + i) / high * across;
                    for (int j = 0; j < columns; j++) {
                        int at = block + j / wide;
                        into[i * columns + j] = scales[at] * (number[j] - zero[at]);
                    }
                }
            };
        }

        private int[] zeros(PackedParts stored, Numbers one) {
            int[] zero = new int[down * across];
            ByteBuffer bytes = stored.bytes(one.name());
            if (!one.packed()) {
                for (int i = 0; i < zero.length; i++) {
                    zero[i] = bytes.get(i);
                }
                return zero;
            }
            IntBuffer words = bytes.asIntBuffer();
            int perWord = Integer.SIZE / one.bits();
            for (int i = 0; i < down; i++) {
                for (int j = 0; j < across; j++) {
                    zero[i * across + j] = number(words.get(i / perWord * across + j), i % perWord, one.bits());
                }
            }
            return zero;
        }
    }

    private interface Row {
        void read(int row, int[] into);
    }

    private static Row row(ByteBuffer bytes, int columns) {
        return (row, into) -> {
            for (int j = 0; j < columns; j++) {
                into[j] = bytes.get(row * columns + j);
            }
        };
    }

    private static Row row(IntBuffer words, int bits, int columns) {
        int perWord = Integer.SIZE / bits;
        int width = (columns + perWord - 1) / perWord;
        return (row, into) -> {
            for (int j = 0; j < columns; j++) {
                into[j] = number(words.get(row * width + j / perWord), j % perWord, bits);
            }
        };
    }

    private static int number(int word, int place, int bits) {
        return (word >>> place * bits & (1 << bits) - 1) - (1 << bits - 1);
    }
}
