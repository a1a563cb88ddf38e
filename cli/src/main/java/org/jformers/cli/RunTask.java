package org.jformers.cli;

import java.util.List;

/**
 * A task as {@code jformers run} does it. Owns its model.
 *
 * @param <C> a call: inputs and options
 * @param <R> the result of a call
 */
interface RunTask<C, R> extends AutoCloseable {

    /** Reads a call; throws {@link org.jformers.JformersException} for what it may not have. */
    C read(CallFields fields);

    /** What calls must have equal to be answered together. */
    Object options(C call);

    /** Answers calls with equal options, in order. */
    List<R> answer(List<C> calls);

    /** A result as the reference's pipeline returns it. */
    Object json(C call, R result);

    /** A result as lines for a reader. */
    List<String> lines(C call, R result);

    @Override
    void close();
}
