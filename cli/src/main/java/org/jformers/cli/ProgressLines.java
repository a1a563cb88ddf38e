package org.jformers.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jformers.VisibleText;

/** A line every few seconds, for logs and pipes. */
final class ProgressLines implements Progress {
    private static final long REPEAT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String task;
    private final Pace pace;
    private final PrintWriter err;
    private String figures = "";
    private long nextLine;
    private long printed = -1;

    ProgressLines(String task, Pace pace, PrintWriter err) {
        this.task = task;
        this.pace = pace;
        this.err = err;
    }

    @Override
    public synchronized void update(long done, String... what) {
        pace.reach(done);
        figures = VisibleText.line(String.join("  ", what));
        if (pace.elapsedNanos() >= nextLine) {
            print();
            nextLine = pace.elapsedNanos() + REPEAT_NANOS;
        }
    }

    @Override
    public synchronized void expect(long total) {
        pace.expect(total);
    }

    @Override
    public synchronized void say(String line) {
        err.println(VisibleText.line(line));
    }

    @Override
    public synchronized void close() {
        if (printed != pace.done()) {
            print();
        }
    }

    private void print() {
        printed = pace.done();
        err.println(String.format(
                        Locale.ROOT, "%s %,d/%,d  %s  %s", task, pace.done(), pace.total(), pace.clock(), figures)
                .stripTrailing());
    }
}
