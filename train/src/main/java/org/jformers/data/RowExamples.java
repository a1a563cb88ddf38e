package org.jformers.data;

/** Examples that are rows of tokens. */
public interface RowExamples extends BatchedExamples {

    /** Number of rows. */
    int size();

    /** Number of tokens of row {@code i}; at most, where the draw decides. */
    int length(int i);
}
