package org.jformers.checkpoint.gguf;

/**
 * Q8_0, 34 bytes for 32 elements ({@code block_q8_0}).
 *
 * <pre>
 *   0  half d
 *   2  32 signed bytes q
 *
 *   element = d q
 * </pre>
 */
final class Q8Zero implements GgufBlock, GgufQuantizer {
    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at);
        for (int i = 0; i < 32; i++) {
            values[to + i] = d * bytes[at + 2 + i];
        }
    }

    /** The element farthest from zero becomes 127 d or -127 d; halves are rounded away from zero. */
    @Override
    public void write(float[] values, int from, byte[] bytes, int at) {
        float farthest = 0;
        for (int i = 0; i < 32; i++) {
            farthest = Math.max(farthest, Math.abs(values[from + i]));
        }
        float d = farthest / 127;
        float inverse = GgufQuantizer.inverse(d);
        Half.put(d, bytes, at);
        for (int i = 0; i < 32; i++) {
            bytes[at + 2 + i] = rounded(values[from + i] * inverse);
        }
    }

    private static byte rounded(float steps) {
        float magnitude = Math.abs(steps);
        float whole = (int) magnitude;
        float nearest = whole + (int) (2 * (magnitude - whole));
        return (byte) (steps < 0 ? -nearest : nearest);
    }
}
