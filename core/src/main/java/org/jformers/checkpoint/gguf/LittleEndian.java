package org.jformers.checkpoint.gguf;

/** Integers out of bytes. */
final class LittleEndian {
    private LittleEndian() {}

    /** The 16 bits at a place. */
    static int unsignedShort(byte[] bytes, int at) {
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8;
    }

    /** The 32 bits at a place. */
    static int integer(byte[] bytes, int at) {
        return unsignedShort(bytes, at) | unsignedShort(bytes, at + 2) << 16;
    }
}
