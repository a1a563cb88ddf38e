package org.jformers.checkpoint.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.tensor.DType;

/**
 * The element types of GGUF files that are read. Plain ones are numbers one after the other; the others are blocks
 * along the last dimension of a tensor, which stand for float32. Numbers: {@code ggml_type} of ggml.
 */
public enum GgufType {
    F32(0, DType.FLOAT32),
    F16(1, DType.FLOAT16),
    Q4_0(2, 32, 18, new Q4Zero()),
    Q4_1(3, 32, 20, new Q4One()),
    Q5_0(6, 32, 22, new Q5Zero()),
    Q5_1(7, 32, 24, new Q5One()),
    Q8_0(8, 32, 34, new Q8Zero()),
    Q2_K(10, 256, 84, new Q2K()),
    Q3_K(11, 256, 110, new Q3K()),
    Q4_K(12, 256, 144, new Q4K()),
    Q5_K(13, 256, 176, new Q5K()),
    Q6_K(14, 256, 210, new Q6K()),
    Q8_K(15, 256, 292, new Q8K()),
    IQ4_NL(20, 32, 18, new Iq4Nl()),
    IQ4_XS(23, 256, 136, new Iq4Xs()),
    F64(28, DType.FLOAT64),
    BF16(30, DType.BFLOAT16);

    /** Types that are not read and what ggml calls them, for messages. */
    private static final Map<Integer, String> OTHERS = Map.ofEntries(
            Map.entry(9, "Q8_1"), Map.entry(16, "IQ2_XXS"), Map.entry(17, "IQ2_XS"), Map.entry(18, "IQ3_XXS"),
            Map.entry(19, "IQ1_S"), Map.entry(21, "IQ3_S"), Map.entry(22, "IQ2_S"), Map.entry(24, "I8"),
            Map.entry(25, "I16"), Map.entry(26, "I32"), Map.entry(27, "I64"), Map.entry(29, "IQ1_M"),
            Map.entry(34, "TQ1_0"), Map.entry(35, "TQ2_0"), Map.entry(39, "MXFP4"));

    private final int number;
    private final int elements;
    private final int bytes;
    private final DType dtype;
    private final Optional<GgufBlock> block;

    GgufType(int number, DType dtype) {
        this(number, 1, dtype.bytes(), dtype, Optional.empty());
    }

    GgufType(int number, int elements, int bytes, GgufBlock block) {
        this(number, elements, bytes, DType.FLOAT32, Optional.of(block));
    }

    GgufType(int number, int elements, int bytes, DType dtype, Optional<GgufBlock> block) {
        this.number = number;
        this.elements = elements;
        this.bytes = bytes;
        this.dtype = dtype;
        this.block = block;
    }

    /**
     * The type that a file calls by that number.
     *
     * @param what the tensor, for the message
     * @throws IllegalArgumentException naming a type that is not read
     */
    public static GgufType of(int number, String what) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst().orElseThrow(() ->
                new IllegalArgumentException(what + " has elements of ggml type "
                        + OTHERS.getOrDefault(number, "number " + number) + ", supported are " + List.of(values())));
    }

    /** ggml's number. */
    public int number() {
        return number;
    }

    /** The type of the elements, once they are numbers. */
    public DType dtype() {
        return dtype;
    }

    /** Whether the file holds the elements as they are. */
    public boolean isPlain() {
        return block.isEmpty();
    }

    /** Elements of a block; 1 of a plain type. */
    public int blockElements() {
        return elements;
    }

    /** Bytes of a block, or of a plain element. */
    public int blockBytes() {
        return bytes;
    }

    /**
     * The bytes of a tensor in the file.
     *
     * @param what the tensor, for the message
     * @throws IllegalArgumentException if its rows do not divide into blocks, or there are too many bytes
     */
    public long bytes(List<Long> shape, String what) {
        long last = shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
        if (last % elements != 0) {
            throw new IllegalArgumentException(
                    what + " of shape " + shape + " does not divide into blocks of " + elements);
        }
        try {
            long count = 1;
            for (long length : shape) {
                count = Math.multiplyExact(count, length);
            }
            Math.multiplyExact(count, dtype.bytes());
            return Math.multiplyExact(count / elements, bytes);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    what + " of shape " + shape + " has more bytes than 64 bits can count", e);
        }
    }

    /**
     * The elements of some blocks.
     *
     * @param from holds the blocks, from its beginning
     * @param blocks how many
     * @param values gets the elements, from its beginning
     */
    public void read(byte[] from, int blocks, float[] values) {
        GgufBlock kind = block.orElseThrow(() -> new IllegalArgumentException(name() + " has no blocks"));
        for (int i = 0; i < blocks; i++) {
            kind.read(from, i * bytes, values, i * elements);
        }
    }

    /** Whether numbers can be written as blocks of this type. */
    public boolean isWritten() {
        return block.filter(GgufQuantizer.class::isInstance).isPresent();
    }

    /**
     * Some blocks of elements.
     *
     * @param values holds the elements, from its beginning, all finite
     * @param blocks how many blocks
     * @param into gets the blocks, from its beginning
     */
    public void write(float[] values, int blocks, byte[] into) {
        GgufQuantizer kind = block.filter(GgufQuantizer.class::isInstance).map(GgufQuantizer.class::cast)
                .orElseThrow(() -> new IllegalArgumentException(name() + " is not written"));
        for (int i = 0; i < blocks; i++) {
            kind.write(values, i * elements, into, i * bytes);
        }
    }
}
