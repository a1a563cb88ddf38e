package org.jformers.checkpoint.gguf;

/**
 * Q3_K, 110 bytes for 256 elements in 16 groups of 16 ({@code block_q3_K}).
 *
 * <pre>
 *     0  32 bytes h: bit j of byte i is the third bit of element 32 j + i; it is 1 where 4 is not subtracted
 *    32  64 bytes: each half of the block has 32 of them; bits 2 j and 2 j + 1 of byte i are the others of element
 *        32 j + i of it
 *    96  12 bytes of scales s, 6 bits per group: bytes 0 to 7 have the low four bits of groups 0 to 7 in their low
 *        halves and of groups 8 to 15 in their high halves; bits 2 j and 2 j + 1 of byte 8 + i are the high bits of
 *        group 4 j + i
 *   108  half d
 *
 *   element = (d (s - 32)) (q - 4 (1 - h))
 * </pre>
 */
final class Q3K implements GgufBlock {
    private static final float[] STEPS = Steps.from(-4, 8);

    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at + 108);
        for (int group = 0; group < 16; group++) {
            int low = bytes[at + 96 + group % 8] >> group / 8 * 4 & 15;
            int high = bytes[at + 104 + group % 4] >> group / 4 * 2 & 3;
            float scale = d * ((low | high << 4) - 32);
            int shift = group / 2 % 4 * 2;
            int from = at + 32 + group / 8 * 32 + group % 2 * 16;
            int highFrom = at + group % 2 * 16;
            for (int i = 0; i < 16; i++) {
                int third = bytes[highFrom + i] >> group / 2 & 1;
                values[to + 16 * group + i] = scale * STEPS[bytes[from + i] >> shift & 3 | third << 2];
            }
        }
    }
}
