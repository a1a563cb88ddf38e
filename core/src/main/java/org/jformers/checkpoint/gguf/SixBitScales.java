package org.jformers.checkpoint.gguf;

/**
 * The 12 bytes with eight scales and eight offsets of six bits each that Q4_K and Q5_K share.
 *
 * <pre>
 *   bytes 0 to 3   low six bits: scales 0 to 3;  high two bits: those of scales 4 to 7
 *   bytes 4 to 7   low six bits: offsets 0 to 3; high two bits: those of offsets 4 to 7
 *   bytes 8 to 11  low halves: low bits of scales 4 to 7; high halves: low bits of offsets 4 to 7
 * </pre>
 */
final class SixBitScales {
    private SixBitScales() {}

    static int scale(byte[] bytes, int at, int group) {
        return group < 4
                ? bytes[at + group] & 63
                : bytes[at + 4 + group] & 15 | bytes[at + group - 4] >> 2 & 48;
    }

    static int offset(byte[] bytes, int at, int group) {
        return group < 4
                ? bytes[at + 4 + group] & 63
                : bytes[at + 4 + group] >> 4 & 15 | bytes[at + group] >> 2 & 48;
    }
}
