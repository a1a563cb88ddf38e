package org.jformers.model.convert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * A tensor as ONNX stores it. Source: {@code TensorProto} of onnx.proto3, ONNX 1.23.
 *
 * @param name its name, empty for the value of an attribute
 * @param shape sizes, none for a scalar
 * @param type number of the element type
 * @param data elements, little-endian, as many bytes as the shape needs
 */
record OnnxTensor(String name, long[] shape, int type, ByteBuffer data) {
    private static final int MOST_AXES = 8;
    /** Numbers that come in pieces are put together up to here: longer lists are packed. */
    private static final int MOST_PIECES = 4096;

    /** Element types by their numbers; {@code engine} is what their bytes are for libtorch. */
    private enum Type {
        FLOAT(1, 4, ScalarType.Float),
        UINT8(2, 1, ScalarType.Byte),
        INT8(3, 1, ScalarType.Char),
        INT32(6, 4, ScalarType.Int),
        INT64(7, 8, ScalarType.Long),
        BOOL(9, 1, ScalarType.Bool),
        FLOAT16(10, 2, ScalarType.Half),
        DOUBLE(11, 8, ScalarType.Double),
        BFLOAT16(16, 2, ScalarType.BFloat16);

        private final int number;
        private final int bytes;
        private final ScalarType engine;

        Type(int number, int bytes, ScalarType engine) {
            this.number = number;
            this.bytes = bytes;
            this.engine = engine;
        }

        static Type of(int number, String name) {
            return Arrays.stream(values()).filter(type -> type.number == number).findFirst().orElseThrow(() ->
                    new CheckpointException("ONNX: the tensor " + name + " has the element type " + number
                            + ", allowed " + Arrays.stream(values()).map(type -> type + " (" + type.number + ")")
                                    .toList()));
        }
    }

    /** Where data of a tensor lie that are not in the file. */
    interface External {
        /**
         * Bytes of another file.
         *
         * @param location its path from the folder of the model
         * @param length how many, or -1 for all from the offset
         */
        ByteBuffer read(String location, long offset, long length);
    }

    static OnnxTensor parse(ProtobufFields in, External external) {
        String name = "";
        long[] shape = {};
        int type = 0;
        boolean isOutside = false;
        ByteBuffer raw = null;
        ByteBuffer typed = null;
        long[] integers = {};
        Map<String, String> place = new HashMap<>();
        while (in.next()) {
            switch (in.number()) {
                case 1 -> shape = join(shape, in.integers());
                case 2 -> type = (int) in.value();
                case 4 -> typed = join(typed, in.packed(Float.BYTES));
                case 5, 7, 11 -> integers = join(integers, in.integers());
                case 8 -> name = in.text();
                case 9 -> raw = in.bytes();
                case 10 -> typed = join(typed, in.packed(Double.BYTES));
                case 13 -> OnnxFile.entry(in.message(), place);
                case 14 -> isOutside = in.value() == 1;
                case 12, 16 -> { } // a comment and metadata
                default -> throw new CheckpointException("ONNX: the tensor " + name + " has the field " + in.number()
                        + ", which no tensor of numbers has");
            }
        }
        Type known = Type.of(type, name);
        long bytes = bytes(name, shape, known);
        if (isOutside) {
            raw = external.read(place.getOrDefault("location", ""), number(place, "offset", 0, name),
                    number(place, "length", bytes, name));
        } else if (raw == null) {
            raw = typed != null ? typed : packed(integers, known);
        }
        if (raw.remaining() != bytes) {
            throw new CheckpointException("ONNX: the tensor " + name + " " + Arrays.toString(shape) + " has "
                    + raw.remaining() + " bytes, allowed " + bytes);
        }
        return new OnnxTensor(name, shape, type, raw);
    }

    private static long bytes(String name, long[] shape, Type type) {
        long bytes = type.bytes;
        for (long size : shape) {
            if (shape.length > MOST_AXES || size < 0 || size > Integer.MAX_VALUE
                    || (size > 0 && bytes > Integer.MAX_VALUE / size)) {
                throw new CheckpointException("ONNX: the tensor " + name + " has the sizes " + Arrays.toString(shape)
                        + ", allowed " + MOST_AXES + " axes and " + Integer.MAX_VALUE + " bytes");
            }
            bytes *= size;
        }
        return bytes;
    }

    private static long number(Map<String, String> place, String key, long otherwise, String name) {
        String text = place.get(key);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("\\d{1,18}")) {
            throw new CheckpointException("ONNX: the tensor " + name + " has the " + key + " " + text
                    + " in another file, allowed a number");
        }
        return Long.parseLong(text);
    }

    private static long[] join(long[] first, long[] second) {
        requireShort(first.length);
        long[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static ByteBuffer join(@Nullable ByteBuffer first, ByteBuffer second) {
        if (first == null) {
            return second;
        }
        requireShort(first.remaining());
        return ByteBuffer.allocate(first.remaining() + second.remaining())
                .put(first.duplicate()).put(second.duplicate()).flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void requireShort(int length) {
        if (length > MOST_PIECES) {
            throw new CheckpointException("ONNX: damaged, a list of more than " + MOST_PIECES + " comes in pieces");
        }
    }

    /** Integers that are stored wider than they are. */
    private static ByteBuffer packed(long[] integers, Type type) {
        ByteBuffer out = ByteBuffer.allocate(Math.multiplyExact(integers.length, type.bytes))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (long integer : integers) {
            switch (type.bytes) {
                case 1 -> out.put((byte) integer);
                case 2 -> out.putShort((short) integer);
                case 4 -> out.putInt((int) integer);
                default -> out.putLong(integer);
            }
        }
        return out.flip();
    }

    boolean isFloat() {
        return isOf(Type.FLOAT) || isOf(Type.FLOAT16) || isOf(Type.BFLOAT16) || isOf(Type.DOUBLE);
    }

    /** Whether it holds bytes, as quantized weights do. */
    boolean isByte() {
        return isOf(Type.INT8) || isOf(Type.UINT8);
    }

    private boolean isOf(Type one) {
        return type == one.number;
    }

    /** The elements: float32 if they are floats, int64 otherwise. In the caller's scope. */
    Tensor values() {
        Tensor bytes = Tensors.empty(ScalarType.Byte, data.remaining());
        if (data.hasRemaining()) { // an empty tensor has no address
            byte[] copy = new byte[data.remaining()];
            data.duplicate().get(copy);
            bytes.data_ptr_byte().put(copy, 0, copy.length);
        }
        return bytes.view(Type.of(type, name).engine).view(shape).to(isFloat() ? ScalarType.Float : ScalarType.Long);
    }
}
