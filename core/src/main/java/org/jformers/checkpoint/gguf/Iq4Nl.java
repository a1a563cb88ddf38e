package org.jformers.checkpoint.gguf;

/**
 * IQ4_NL, 18 bytes for 32 elements ({@code block_iq4_nl}).
 *
 * <pre>
 *   0  half d
 *   2  16 bytes: low halves are indices of elements 0 to 15 into a table, high halves those of 16 to 31
 *
 *   element = d table[index]
 * </pre>
 */
final class Iq4Nl implements GgufBlock {
    /** Sixteen levels, denser about zero ({@code kvalues_iq4nl}). */
    static final float[] TABLE = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Half.at(bytes, at);
        for (int i = 0; i < 16; i++) {
            int q = bytes[at + 2 + i];
            values[to + i] = d * TABLE[q & 15];
            values[to + 16 + i] = d * TABLE[q >> 4 & 15];
        }
    }
}
