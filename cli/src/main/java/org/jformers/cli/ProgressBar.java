package org.jformers.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** One line at the bottom of a terminal that is drawn again and again. */
final class ProgressBar implements Progress {
    private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int BAR = 20;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final String task;
    private final Pace pace;
    private final int columns;
    private final PrintWriter err;
    private String figures = "";
    private long nextDraw;
    private boolean closed;

    ProgressBar(String task, Pace pace, int columns, PrintWriter err) {
        this.task = task;
        this.pace = pace;
        this.columns = columns;
        this.err = err;
    }

    @Override
    public synchronized void update(long done, String what) {
        pace.reach(done);
        figures = what;
        if (pace.elapsedNanos() >= nextDraw) {
            draw();
            nextDraw = pace.elapsedNanos() + REDRAW_NANOS;
        }
    }

    @Override
    public synchronized void expect(long total) {
        pace.expect(total);
    }

    @Override
    public synchronized void say(String line) {
        err.print(CLEAR_LINE);
        err.println(line);
        draw();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            draw();
            err.println();
        }
    }

    private void draw() {
        int filled = (int) (BAR * pace.share());
        String line = String.format(
                Locale.ROOT, "%s %3d %% [%s%s] %,d/%,d  %s  %s", task, (int) (100 * pace.share()), "=".repeat(filled),
                " ".repeat(BAR - filled), pace.done(), pace.total(), pace.clock(), figures).stripTrailing();
        // A line that wraps could not be drawn over.
        err.print(CLEAR_LINE + line.substring(0, Math.min(line.length(), columns - 1)));
        err.flush();
    }
}
