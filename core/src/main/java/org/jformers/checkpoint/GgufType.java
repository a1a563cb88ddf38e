package org.jformers.checkpoint;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.DType;
import org.jformers.tensor.Tensors;

/**
 * The element types of GGUF files that are read. Format of the blocks: ggml's {@code block_q8_0} and
 * {@code block_q4_0}.
 */
enum GgufType {
    F32(0, 1, 4, DType.FLOAT32),
    F16(1, 1, 2, DType.FLOAT16),
    /**
     * Blocks of 32: a float16 scale d, then 16 bytes, whose low halves are the first 16 and high halves the others: d
     * (q - 8).
     */
    Q4_0(2, 32, 18, DType.FLOAT32),
    /** Blocks of 32: a float16 scale d, then 32 signed bytes: d q. */
    Q8_0(8, 32, 34, DType.FLOAT32),
    BF16(30, 1, 2, DType.BFLOAT16);

    private static final int SCALE_BYTES = 2;

    private final int number;
    private final int blockElements;
    private final int blockBytes;
    private final DType dtype;

    GgufType(int number, int blockElements, int blockBytes, DType dtype) {
        this.number = number;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.dtype = dtype;
    }

    /** The type that a file calls by that number. */
    static GgufType of(int number, String what) {
        return Arrays.stream(values())
                .filter(type -> type.number == number)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        what + " has elements of ggml type " + name(number) + ", supported are " + List.of(values())));
    }

    private static String name(int number) {
        return switch (number) {
            case 3 -> "Q4_1";
            case 6 -> "Q5_0";
            case 7 -> "Q5_1";
            case 9 -> "Q8_1";
            case 10 -> "Q2_K";
            case 11 -> "Q3_K";
            case 12 -> "Q4_K";
            case 13 -> "Q5_K";
            case 14 -> "Q6_K";
            case 15 -> "Q8_K";
            case 28 -> "F64";
            default -> "number " + number;
        };
    }

    /** The type that the elements have in memory. */
    DType dtype() {
        return dtype;
    }

    /** Whether the file holds the elements as they are. */
    boolean isPlain() {
        return blockElements == 1;
    }

    /** The bytes of a tensor in the file; blocks lie along its last dimension. */
    long bytes(List<Long> shape, String what) {
        long last = shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
        if (last % blockElements != 0) {
            throw new IllegalArgumentException(
                    what + " of shape " + shape + " does not divide into blocks of " + blockElements);
        }
        try {
            long elements = 1;
            for (long length : shape) {
                elements = Math.multiplyExact(elements, length);
            }
            Math.multiplyExact(elements, Float.BYTES);
            return Math.multiplyExact(elements / blockElements, blockBytes);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    what + " of shape " + shape + " has more bytes than 64 bits can count", e);
        }
    }

    /** The elements, from what the file holds: a vector of plain elements or of the bytes of blocks. */
    Tensor values(Tensor stored) {
        if (isPlain()) {
            return stored;
        }
        Tensor blocks = stored.view(-1, blockBytes);
        Tensor scales = blocks.narrow(1, 0, SCALE_BYTES).contiguous().view(ScalarType.Half).to(ScalarType.Float);
        Tensor packed = blocks.narrow(1, SCALE_BYTES, blockBytes - SCALE_BYTES).contiguous();
        Tensor steps = this == Q8_0 ? packed.view(ScalarType.Char).to(ScalarType.Float) : halves(packed);
        return steps.mul_(scales).view(-1);
    }

    private static Tensor halves(Tensor packed) {
        Tensor low = packed.bitwise_and(new Scalar(15L));
        Tensor high = packed.__rshift__(new Scalar(4L));
        return Tensors.cat(1, low, high).to(ScalarType.Float).sub_(new Scalar(8L));
    }
}
