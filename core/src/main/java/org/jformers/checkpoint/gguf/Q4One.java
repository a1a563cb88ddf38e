package org.jformers.checkpoint.gguf;

/**
 * Q4_1, 20 bytes for 32 elements ({@code block_q4_1}).
 *
 * <pre>
 *   0  half d
 *   2  half m
 *   4  16 bytes: low halves are q of elements 0 to 15, high halves those of 16 to 31
 *
 *   element = d q + m
 * </pre>
 */
final class Q4One implements GgufBlock {
    private static final float[] STEPS = Steps.from(0, 16);

    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at);
        float m = Half.at(bytes, at + 2);
        for (int i = 0; i < 16; i++) {
            int q = bytes[at + 4 + i];
            values[to + i] = d * STEPS[q & 15] + m;
            values[to + 16 + i] = d * STEPS[q >> 4 & 15] + m;
        }
    }
}
