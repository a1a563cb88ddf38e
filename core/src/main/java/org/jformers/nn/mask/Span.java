package org.jformers.nn.mask;

import org.bytedeco.pytorch.Tensor;

/**
 * Places in a row, one behind the other.
 *
 * @param start the first of them
 * @param length how many there are
 */
public record Span(long start, long length) {
    /** All there are. */
    public static final Span ALL = new Span(0, Long.MAX_VALUE);

    /** From a place up to another one, which is not among them. */
    public static Span of(long start, long end) {
        return new Span(start, end - start);
    }

    /** The place behind the last. */
    public long end() {
        return start + length;
    }

    /** The same places counted from another one. */
    Span from(long place) {
        return new Span(start - place, length);
    }

    /** These places of one dimension of a tensor; all of it where it has one place that stands for all. */
    public Tensor of(Tensor x, long dimension) {
        long size = x.size(dimension);
        return size == 1 || start == 0 && size <= length ? x : x.narrow(dimension, start, length);
    }
}
