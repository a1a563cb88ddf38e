package org.jformers.pipeline.call;

import java.util.List;
import org.jformers.pipeline.Pipeline;

/**
 * A task as calls in JSON ask for it, with inputs and options by the reference's names. Owns its pipeline.
 *
 * @param <C> a call: inputs and options
 * @param <R> the result of a call
 */
public interface CalledTask<C extends CalledTask.Call, R> extends AutoCloseable {

    /** What is asked. */
    interface Call {
        /** What calls must have equal to be answered together. */
        Object options();
    }

    /** What does it. */
    Pipeline pipeline();

    /** Reads a call; throws {@link org.jformers.JformersException} for what it may not have. */
    C read(CallFields fields);

    /** Answers calls with equal options, in order. */
    List<R> answer(List<C> calls);

    /** A result as the reference's pipeline returns it. */
    Object json(C call, R result);

    /** A result as lines for a reader. */
    List<String> lines(C call, R result);

    @Override
    default void close() {
        pipeline().close();
    }
}
