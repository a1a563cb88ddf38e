package org.jformers.cli;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How far a job is and how long the rest will take, by the mean pace since it began. */
final class Pace {
    private final long first;
    private final LongSupplier nanoTime;
    private final long start;
    private long total;
    private long done;

    /**
     * @param first units done before the clock starts
     * @param total units in all, as far as is known
     * @param nanoTime the clock
     */
    Pace(long first, long total, LongSupplier nanoTime) {
        this.first = first;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.total = total;
        this.done = first;
    }

    void reach(long units) {
        done = units;
    }

    void expect(long units) {
        total = units;
    }

    long done() {
        return done;
    }

    long total() {
        return total;
    }

    /** The share that is done, 0 to 1. */
    double share() {
        return total <= 0 ? 1 : Math.min(1, Math.max(0, (double) done / total));
    }

    long elapsedNanos() {
        return nanoTime.getAsLong() - start;
    }

    /** The time left as {@code 1:02:03 left}, the time taken as {@code 1:02:03} at the end, else {@code --:-- left}. */
    String clock() {
        if (done >= total) {
            return print(elapsedNanos());
        }
        if (done <= first) {
            return "--:-- left";
        }
        return print((long) ((double) elapsedNanos() / (done - first) * (total - done))) + " left";
    }

    private static String print(long nanos) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(nanos);
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
