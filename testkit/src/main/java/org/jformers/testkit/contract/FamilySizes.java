package org.jformers.testkit.contract;

/**
 * What a contract must know of the tiny model that it is run with. Odd numbers find more: three heads, widths that are
 * no powers of two.
 *
 * @param vocabulary number of tokens
 * @param width of the hidden states
 * @param layers number of layers of one stack
 * @param heads number of attention heads
 * @param positions how many tokens a sequence may have; {@link #ANY} if any number
 * @param labels number of labels of the classification heads
 * @param paddingId id that pads
 */
public record FamilySizes(int vocabulary, int width, int layers, int heads, int positions, int labels, int paddingId) {
    /** No limit. */
    public static final int ANY = Integer.MAX_VALUE;
}
