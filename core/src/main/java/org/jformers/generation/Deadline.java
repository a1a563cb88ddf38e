package org.jformers.generation;

import java.time.Duration;

/**
 * Ends a request at a time with the text that there is, complete as one that a rule has ended; whether it waits, is
 * read or is written.
 *
 * @param nanoTime that of {@link System#nanoTime()}
 */
public record Deadline(long nanoTime) implements StoppingRule {
    /** A time from now. */
    public static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    @Override
    public boolean stops(long[] ids, int promptLength) {
        return over();
    }

    @Override
    public boolean over() {
        return System.nanoTime() - nanoTime >= 0;
    }
}
