package org.jformers.checkpoint.gguf;

/** A kind of block that is written, too: as the {@code gguf} Python package writes it, bit for bit. */
interface GgufQuantizer {
    /**
     * One block.
     *
     * @param values holds the elements, all finite
     * @param from where the first one is
     * @param bytes gets the block
     * @param at where it begins
     */
    void write(float[] values, int from, byte[] bytes, int at);

    /** Steps per unit; none where a step is zero, or so small that float16 has zero for it. */
    static float inverse(float step) {
        float inverse = 1 / step;
        return Float.isInfinite(inverse) ? 0 : inverse;
    }
}
