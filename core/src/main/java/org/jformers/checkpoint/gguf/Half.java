package org.jformers.checkpoint.gguf;

/** IEEE float16, which Java 17 has no operations for. */
final class Half {
    private static final int EXPONENT_SHIFT = 13;
    private static final int FLOAT_INFINITY = 0x7F80_0000;
    /** 2^112: from the exponents of float16, read as those of float32, to their values. */
    private static final float REBIAS = 0x1p112f;
    /** The first float32 that rounds to more than the greatest float16. */
    private static final float TOO_GREAT = 65_520f;

    private Half() {}

    /** The number whose two bytes are at a place. */
    static float at(byte[] bytes, int at) {
        return of(bytes[at] & 0xFF | bytes[at + 1] << 8);
    }

    /** The number with these bits; exact, subnormal ones too. */
    static float of(int bits) {
        int sign = (bits & 0x8000) << 16;
        int magnitude = (bits & 0x7FFF) << EXPONENT_SHIFT;
        if ((bits & 0x7C00) == 0x7C00) {
            return Float.intBitsToFloat(sign | magnitude | FLOAT_INFINITY);
        }
        return Float.intBitsToFloat(sign | Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) * REBIAS));
    }

    /** Writes the nearest float16, of two equally near ones that with the even last bit. */
    static void put(float value, byte[] bytes, int at) {
        int bits = bits(value);
        bytes[at] = (byte) bits;
        bytes[at + 1] = (byte) (bits >> 8);
    }

    /** The bits of the nearest float16; of infinity what is too great. */
    static int bits(float value) {
        int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return sign | 0x7E00;
        }
        if (magnitude >= TOO_GREAT) {
            return sign | 0x7C00;
        }
        if (magnitude < 0x1p-14f) {
            return sign | (int) Math.rint(magnitude * 0x1p24); // counts the smallest one
        }
        int bits = Float.floatToRawIntBits(magnitude) - (112 << 23);
        int even = bits >> EXPONENT_SHIFT & 1;
        return sign | bits + 0xFFF + even >> EXPONENT_SHIFT;
    }
}
