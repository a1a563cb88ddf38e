package org.jformers.checkpoint.gguf;

/**
 * Q6_K, 210 bytes for 256 elements in 16 groups of 16 ({@code block_q6_K}).
 *
 * <pre>
 *     0  128 bytes: each half of the block has 64 of them; low halves are the low bits of its elements 0 to 63, high
 *        halves those of 64 to 127
 *   128  64 bytes: each half of the block has 32 of them; bits 2 j and 2 j + 1 of byte i are the high bits of element
 *        32 j + i of it
 *   192  16 signed bytes s, one per group
 *   208  half d
 *
 *   element = (d s) (q - 32)
 * </pre>
 */
final class Q6K implements GgufBlock {
    private static final float[] STEPS = Steps.from(-32, 64);

    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at + 208);
        for (int group = 0; group < 16; group++) {
            float scale = d * bytes[at + 192 + group];
            int within = group % 8;
            int lowFrom = at + group / 8 * 64 + within % 4 * 16;
            int highFrom = at + 128 + group / 8 * 32 + within % 2 * 16;
            int lowShift = within / 4 * 4;
            int highShift = within / 2 * 2;
            for (int i = 0; i < 16; i++) {
                int q = bytes[lowFrom + i] >> lowShift & 15 | (bytes[highFrom + i] >> highShift & 3) << 4;
                values[to + 16 * group + i] = scale * STEPS[q];
            }
        }
    }
}
