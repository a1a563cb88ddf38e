package org.jformers.checkpoint.gguf;

/**
 * Q5_1, 24 bytes for 32 elements ({@code block_q5_1}).
 *
 * <pre>
 *   0  half d
 *   2  half m
 *   4  32 bits h: bit i is the fifth bit of element i
 *   8  16 bytes: low halves are the other bits of elements 0 to 15, high halves those of 16 to 31
 *
 *   element = d q + m,  q = 16 h + half
 * </pre>
 */
final class Q5One implements GgufBlock {
    private static final float[] STEPS = Steps.from(0, 32);

    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at);
        float m = Half.at(bytes, at + 2);
        int h = LittleEndian.integer(bytes, at + 4);
        for (int i = 0; i < 16; i++) {
            int q = bytes[at + 8 + i];
            values[to + i] = d * STEPS[q & 15 | (h >>> i & 1) << 4] + m;
            values[to + 16 + i] = d * STEPS[q >> 4 & 15 | (h >>> 16 + i & 1) << 4] + m;
        }
    }
}
