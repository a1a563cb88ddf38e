package org.jformers.checkpoint.gguf;

/**
 * The layout of one kind of block: a fixed number of neighbouring elements of a row in a fixed number of bytes. All
 * integers are little-endian; {@code half} is an IEEE float16. What is computed is what ggml's reference
 * ({@code ggml-quants.c}) and the {@code gguf} Python package ({@code quants.py}) compute, operation by operation in
 * float32, so that results are equal bit for bit.
 */
interface GgufBlock {
    /**
     * The elements of one block.
     *
     * @param bytes holds the block
     * @param at where it begins
     * @param values gets the elements
     * @param to where the first one goes
     */
    void read(byte[] bytes, int at, float[] values, int to);
}
