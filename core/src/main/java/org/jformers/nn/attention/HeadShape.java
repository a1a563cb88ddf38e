package org.jformers.nn.attention;

/**
 * How many heads there are and how wide they are. Several query heads per head of keys and values: arXiv:2305.13245.
 *
 * @param queries N, query heads
 * @param keyValues G, heads of keys and values, a divisor of N
 * @param dim D, width of each
 */
public record HeadShape(int queries, int keyValues, int dim) {
    public HeadShape {
        if (queries < 1 || dim < 1) {
            throw new IllegalArgumentException(
                    "attention: got " + queries + " heads of width " + dim + ", allowed >= 1 each");
        }
        if (keyValues < 1 || queries % keyValues != 0) {
            throw new IllegalArgumentException("attention: got " + keyValues + " key/value heads, allowed divisors of "
                    + queries + " heads");
        }
    }

    /** As many heads of keys and values as of queries. */
    public static HeadShape of(int heads, int dim) {
        return new HeadShape(heads, heads, dim);
    }

    /** Width of all queries, N D. */
    int queryWidth() {
        return queries * dim;
    }

    /** Width of all keys, and of all values, G D. */
    int keyValueWidth() {
        return keyValues * dim;
    }
}
