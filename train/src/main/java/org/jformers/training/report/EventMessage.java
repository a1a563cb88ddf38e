package org.jformers.training.report;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * TensorBoard's {@code Event} messages in protocol buffer wire format, as far as a training log needs them. Source:
 * {@code event.proto}, {@code summary.proto}, {@code tensor.proto} of TensorFlow; the numbers below are their fields'.
 */
final class EventMessage {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private static final int DATA_CLASS_TENSOR = 2;
    private static final int DT_STRING = 7;
    private static final int SESSION_START = 1;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private EventMessage() {}

    /** The first event of every file. */
    static byte[] version(double time) {
        return event(time, 0).text(3, "brain.Event:2").bytes();
    }

    /** Makes the reader forget what earlier files say of this step and later ones. */
    static byte[] restart(double time, long step) {
        return event(time, step).message(7, new EventMessage().varint(1, SESSION_START)).bytes();
    }

    static byte[] scalar(double time, long step, String tag, double value) {
        return summary(time, step, new EventMessage().text(1, tag).float32(2, (float) value));
    }

    /** A text; TensorBoard renders it as Markdown. */
    static byte[] text(double time, long step, String tag, String text) {
        EventMessage shape = new EventMessage().message(2, new EventMessage().varint(1, 1));
        EventMessage tensor = new EventMessage().varint(1, DT_STRING).message(2, shape).text(8, text);
        EventMessage plugin = new EventMessage().text(1, "text");
        EventMessage metadata = new EventMessage().message(1, plugin).varint(4, DATA_CLASS_TENSOR);
        return summary(time, step, new EventMessage().text(1, tag).message(8, tensor).message(9, metadata));
    }

    private static byte[] summary(double time, long step, EventMessage value) {
        return event(time, step).message(5, new EventMessage().message(1, value)).bytes();
    }

    private static EventMessage event(double time, long step) {
        EventMessage event = new EventMessage();
        event.tag(1, FIXED64).little(Long.BYTES, Double.doubleToLongBits(time));
        return event.varint(2, step);
    }

    private EventMessage message(int field, EventMessage message) {
        return bytes(field, message.bytes());
    }

    private EventMessage text(int field, String text) {
        return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    private EventMessage bytes(int field, byte[] bytes) {
        tag(field, BYTES).raw(bytes.length).out.writeBytes(bytes);
        return this;
    }

    private EventMessage varint(int field, long value) {
        return tag(field, VARINT).raw(value);
    }

    private EventMessage float32(int field, float value) {
        return tag(field, FIXED32).little(Float.BYTES, Float.floatToIntBits(value));
    }

    private EventMessage tag(int field, int wireType) {
        return raw((long) field << 3 | wireType);
    }

    private EventMessage raw(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    private EventMessage little(int size, long bits) {
        byte[] bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array();
        out.write(bytes, 0, size);
        return this;
    }

    private byte[] bytes() {
        return out.toByteArray();
    }
}
