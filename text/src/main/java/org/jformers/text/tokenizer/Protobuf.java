package org.jformers.text.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads the fields of a message in the protobuf wire format, one after the other. */
final class Protobuf {
    private final ByteBuffer buffer;
    private int field;
    private int wireType;
    private long number;
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    private Protobuf(ByteBuffer buffer) {
        this.buffer = buffer.order(ByteOrder.LITTLE_ENDIAN);
    }

    static Protobuf of(byte[] message) {
        return new Protobuf(ByteBuffer.wrap(message));
    }

    /** Moves to the next field; false at the end of the message. */
    boolean next() {
        if (!buffer.hasRemaining()) {
            return false;
        }
        long key = varint();
        field = (int) (key >>> 3);
        wireType = (int) (key & 7);
        switch (wireType) {
            case 0 -> number = varint();
            case 1 -> number = need(8).getLong();
            case 2 -> {
                long length = varint();
                if (length < 0 || length > buffer.remaining()) {
                    throw damaged();
                }
                bytes = buffer.slice(buffer.position(), (int) length);
                buffer.position(buffer.position() + (int) length);
            }
            case 5 -> number = need(4).getInt();
            default -> throw damaged();
        }
        return true;
    }

    int field() {
        return field;
    }

    int integer() {
        return (int) number;
    }

    boolean flag() {
        return number != 0;
    }

    float real() {
        return Float.intBitsToFloat((int) number);
    }

    Protobuf message() {
        return new Protobuf(content().slice());
    }

    byte[] bytes() {
        byte[] copy = new byte[content().remaining()];
        content().duplicate().get(copy);
        return copy;
    }

    String string() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    private ByteBuffer content() {
        if (wireType != 2) {
            throw damaged();
        }
        return bytes;
    }

    private ByteBuffer need(int count) {
        if (buffer.remaining() < count) {
            throw damaged();
        }
        return buffer;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = need(1).get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw damaged();
    }

    private static TokenizerException damaged() {
        return new TokenizerException("not a sentencepiece model, or a damaged one");
    }
}
