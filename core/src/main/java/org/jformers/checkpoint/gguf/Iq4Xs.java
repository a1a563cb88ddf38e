package org.jformers.checkpoint.gguf;

/**
 * IQ4_XS, 136 bytes for 256 elements in 8 groups of 32 ({@code block_iq4_xs}).
 *
 * <pre>
 *   0  half d
 *   2  16 bits: bits 2 j and 2 j + 1 are the high bits of the scale s of group j
 *   4  4 bytes: low halves are the low bits of s of groups 0, 2, 4, 6, high halves those of 1, 3, 5, 7
 *   8  16 bytes per group, as in {@link Iq4Nl}
 *
 *   element = (d (s - 32)) table[index]
 * </pre>
 */
final class Iq4Xs implements GgufBlock {
    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at);
        int high = LittleEndian.unsignedShort(bytes, at + 2);
        for (int group = 0; group < 8; group++) {
            int low = bytes[at + 4 + group / 2] >> group % 2 * 4 & 15;
            float scale = d * ((low | (high >> 2 * group & 3) << 4) - 32);
            for (int i = 0; i < 16; i++) {
                int q = bytes[at + 8 + 16 * group + i];
                values[to + 32 * group + i] = scale * Iq4Nl.TABLE[q & 15];
                values[to + 32 * group + 16 + i] = scale * Iq4Nl.TABLE[q >> 4 & 15];
            }
        }
    }
}
