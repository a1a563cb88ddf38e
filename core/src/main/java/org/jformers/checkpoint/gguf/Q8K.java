package org.jformers.checkpoint.gguf;

/**
 * Q8_K, 292 bytes for 256 elements ({@code block_q8_K}).
 *
 * <pre>
 *     0  float32 d
 *     4  256 signed bytes q
 *   260  16 sums of 16 neighbouring q each, which say nothing new
 *
 *   element = d q
 * </pre>
 */
final class Q8K implements GgufBlock {
    @Override
    public void read(byte[] bytes, int at, float[] values, int to) {
        float d = Float.intBitsToFloat(LittleEndian.integer(bytes, at));
        for (int i = 0; i < 256; i++) {
            values[to + i] = d * bytes[at + 4 + i];
        }
    }
}
