package org.jformers.checkpoint.gguf;

/**
 * Q2_K, 84 bytes for 256 elements in 16 groups of 16 ({@code block_q2_K}).
 *
 * <pre>
 *    0  16 bytes, one per group: low half s, high half m
 *   16  64 bytes: each half of the block has 32 of them; bits 2 j and 2 j + 1 of byte i are q of element 32 j + i of it
 *   80  half d
 *   82  half e
 *
 *   element = (d s) q - e m
 * </pre>
 */
final class Q2K implements GgufBlock {
    private static final float[] STEPS = Steps.from(0, 4);

    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at + 80);
        float e = Half.at(bytes, at + 82);
        for (int group = 0; group < 16; group++) {
            int scales = bytes[at + group];
            float scale = d * (scales & 15);
            float offset = e * (scales >> 4 & 15);
            int shift = group / 2 % 4 * 2;
            int from = at + 16 + group / 8 * 32 + group % 2 * 16;
            for (int i = 0; i < 16; i++) {
                values[to + 16 * group + i] = scale * STEPS[bytes[from + i] >> shift & 3] - offset;
            }
        }
    }
}
