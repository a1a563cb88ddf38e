package org.jformers.checkpoint.gguf;

/**
 * Q5_0, 22 bytes for 32 elements ({@code block_q5_0}).
 *
 * <pre>
 *   0  half d
 *   2  32 bits h: bit i is the fifth bit of element i
 *   6  16 bytes: low halves are the other bits of elements 0 to 15, high halves those of 16 to 31
 *
 *   element = d (q - 16),  q = 16 h + half
 * </pre>
 */
final class Q5Zero implements GgufBlock {
    private static final float[] STEPS = Steps.from(-16, 32);

    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at);
        int h = LittleEndian.integer(bytes, at + 2);
        for (int i = 0; i < 16; i++) {
            int q = bytes[at + 6 + i];
            values[to + i] = d * STEPS[q & 15 | (h >>> i & 1) << 4];
            values[to + 16 + i] = d * STEPS[q >> 4 & 15 | (h >>> 16 + i & 1) << 4];
        }
    }
}
