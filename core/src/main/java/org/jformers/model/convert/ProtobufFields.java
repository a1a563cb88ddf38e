package org.jformers.model.convert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jformers.checkpoint.CheckpointException;

/**
 * The fields of one protobuf message, one after the other. Messages within messages are bytes here, so that a reader
 * goes as deep as its own code does, whatever the file says. Source: protobuf.dev, "Encoding".
 */
final class ProtobufFields {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;
    private static final int MOST_SHIFT = 63;

    private final ByteBuffer in;
    private int number;
    private int wire;
    private long value;
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    /** @param message the message's bytes, from position to limit; left as they are */
    ProtobufFields(ByteBuffer message) {
        in = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes to the next field; false at the end. Throws {@link CheckpointException} if the message is damaged. */
    boolean next() {
        if (!in.hasRemaining()) {
            return false;
        }
        long tag = varint(in);
        if (tag >>> 3 == 0 || tag >>> 32 != 0) {
            throw new CheckpointException("ONNX: damaged, a field has the number " + (tag >>> 3));
        }
        number = (int) (tag >>> 3);
        wire = (int) (tag & 7);
        switch (wire) {
            case VARINT -> value = varint(in);
            case FIXED64 -> value = require(in, Long.BYTES).getLong();
            case FIXED32 -> value = require(in, Integer.BYTES).getInt();
            case LENGTH -> {
                long length = varint(in);
                bytes = require(in, length).slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
                in.position(in.position() + (int) length);
            }
            default -> throw new CheckpointException("ONNX: damaged, field " + number + " has the wire type " + wire
                    + ", allowed 0, 1, 2 and 5");
        }
        return true;
    }

    /** The number of the field. */
    int number() {
        return number;
    }

    /** The integer of the field, or the bits of its float or double. */
    long value() {
        if (wire == LENGTH) {
            throw new CheckpointException("ONNX: damaged, field " + number + " has bytes, allowed a number");
        }
        return value;
    }

    /** The float of the field. */
    float real() {
        if (wire != FIXED32) {
            throw new CheckpointException("ONNX: damaged, field " + number + " has the wire type " + wire
                    + ", allowed 5, a float");
        }
        return Float.intBitsToFloat((int) value);
    }

    /** The bytes of the field, little-endian. */
    ByteBuffer bytes() {
        if (wire != LENGTH) {
            throw new CheckpointException("ONNX: damaged, field " + number + " has a number, allowed bytes");
        }
        return bytes;
    }

    /** The text of the field. */
    String text() {
        return StandardCharsets.UTF_8.decode(bytes().duplicate()).toString();
    }

    /** The fields of the message that the field is. */
    ProtobufFields message() {
        return new ProtobufFields(bytes());
    }

    /** The bytes of one number of a repeated field, or of many that are packed: each of {@code size}. */
    ByteBuffer packed(int size) {
        if (wire == LENGTH) {
            return bytes;
        }
        ByteBuffer one = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        return (size == Long.BYTES ? one.putLong(value) : one.putInt((int) value)).flip();
    }

    /** The integers of a repeated field, one or many that are packed. */
    long[] integers() {
        if (wire != LENGTH) {
            return new long[] {value};
        }
        ByteBuffer packed = bytes.duplicate();
        long[] integers = new long[packed.remaining()];
        int count = 0;
        while (packed.hasRemaining()) {
            integers[count++] = varint(packed);
        }
        return Arrays.copyOf(integers, count);
    }

    private static long varint(ByteBuffer in) {
        long result = 0;
        for (int shift = 0; shift <= MOST_SHIFT; shift += 7) {
            byte next = require(in, 1).get();
            result |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return result;
            }
        }
        throw new CheckpointException("ONNX: damaged, a number has more than ten bytes");
    }

    private static ByteBuffer require(ByteBuffer in, long count) {
        if (count < 0 || count > in.remaining()) {
            throw new CheckpointException("ONNX: damaged or cut off, a field has " + Long.toUnsignedString(count)
                    + " bytes where " + in.remaining() + " are left");
        }
        return in;
    }
}
