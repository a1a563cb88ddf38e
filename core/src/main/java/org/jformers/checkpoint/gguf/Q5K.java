package org.jformers.checkpoint.gguf;

/**
 * Q5_K, 176 bytes for 256 elements in 8 groups of 32 ({@code block_q5_K}).
 *
 * <pre>
 *    0  half d
 *    2  half e
 *    4  12 bytes of scales s and offsets m, one each per group; see {@link SixBitScales}
 *   16  32 bytes: bit j of byte i is the fifth bit of element i of group j
 *   48  128 bytes: each two groups have 32 of them, low halves are the other bits of the first, high halves those of
 *       the second
 *
 *   element = (d s) q - e m
 * </pre>
 */
final class Q5K implements GgufBlock {
    private static final float[] STEPS = Steps.from(0, 32);

    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at);
        float e = Half.at(bytes, at + 2);
        for (int group = 0; group < 8; group++) {
            float scale = d * SixBitScales.scale(bytes, at + 4, group);
            float offset = e * SixBitScales.offset(bytes, at + 4, group);
            int shift = group % 2 * 4;
            int from = at + 48 + group / 2 * 32;
            for (int i = 0; i < 32; i++) {
                int fifth = bytes[at + 16 + i] >> group & 1;
                values[to + 32 * group + i] = scale * STEPS[bytes[from + i] >> shift & 15 | fifth << 4] - offset;
            }
        }
    }
}
