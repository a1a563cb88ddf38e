package org.jformers.generation;

import java.time.Duration;

/**
 * A sequence is complete when a time is over, with the token at work then.
 *
 * @param start {@link System#nanoTime()} at the start
 * @param time from there
 */
record TimeLimit(long start, Duration time) implements StoppingRule {
    static TimeLimit fromNow(double seconds) {
        return new TimeLimit(System.nanoTime(), Duration.ofNanos((long) (seconds * 1e9)));
    }

    @Override
    public boolean stops(long[] ids, int promptLength) {
        return System.nanoTime() - start > time.toNanos();
    }
}
