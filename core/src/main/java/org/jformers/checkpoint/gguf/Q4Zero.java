package org.jformers.checkpoint.gguf;

/**
 * Q4_0, 18 bytes for 32 elements ({@code block_q4_0}).
 *
 * <pre>
 *   0  half d
 *   2  16 bytes: low halves are q of elements 0 to 15, high halves those of 16 to 31
 *
 *   element = d (q - 8)
 * </pre>
 */
final class Q4Zero implements GgufBlock, GgufQuantizer {
    private static final float[] STEPS = Steps.from(-8, 16);

    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at);
        for (int i = 0; i < 16; i++) {
            int q = bytes[at + 2 + i];
            values[to + i] = d * STEPS[q & 15];
            values[to + 16 + i] = d * STEPS[q >> 4 & 15];
        }
    }

    /** The element farthest from zero becomes -8 d: of two as far, the first. */
    @Override
    public void write(float[] values, int from, byte[] bytes, int at) {
        float farthest = values[from];
        for (int i = 1; i < 32; i++) {
            if (Math.abs(values[from + i]) > Math.abs(farthest)) {
                farthest = values[from + i];
            }
        }
        float d = farthest / -8;
        float inverse = GgufQuantizer.inverse(d);
        Half.put(d, bytes, at);
        for (int i = 0; i < 16; i++) {
            int low = step(values[from + i] * inverse);
            int high = step(values[from + 16 + i] * inverse);
            bytes[at + 2 + i] = (byte) (low | high << 4);
        }
    }

    private static int step(float steps) {
        return Math.min(15, (int) (steps + 8.5f));
    }
}
