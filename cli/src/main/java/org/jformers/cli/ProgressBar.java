package org.jformers.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jformers.VisibleText;

/** One line at the bottom of a terminal that is drawn again and again. */
final class ProgressBar implements Progress {
    private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int WIDEST_BAR = 20;
    private static final int NARROWEST_BAR = 5;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final String task;
    private final Pace pace;
    private final int columns;
    private final PrintWriter err;
    private List<String> figures = List.of();
    private long nextDraw;
    private boolean closed;

    ProgressBar(String task, Pace pace, int columns, PrintWriter err) {
        this.task = task;
        this.pace = pace;
        this.columns = columns;
        this.err = err;
    }

    @Override
    public synchronized void update(long done, String... what) {
        pace.reach(done);
        figures = Stream.of(what).map(VisibleText::line).toList();
        if (!closed && pace.elapsedNanos() >= nextDraw) {
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
        err.println(VisibleText.line(line));
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
        err.print(CLEAR_LINE + line(columns - 1));
        err.flush();
    }

    /** As much as fits, since a line that wraps could not be drawn over: a bar gets narrow before a field goes. */
    private String line(int room) {
        String head = String.format(Locale.ROOT, "%s %3d %%", task, (int) (100 * pace.share()));
        List<String> fields = new ArrayList<>();
        fields.add(String.format(Locale.ROOT, " %,d/%,d", pace.done(), pace.total()));
        fields.add("  " + pace.clock());
        figures.stream().filter(figure -> !figure.isEmpty()).forEach(figure -> fields.add("  " + figure));
        for (int shown = fields.size(); shown >= 0; shown--) {
            String tail = String.join("", fields.subList(0, shown));
            int bar = Math.min(WIDEST_BAR, room - head.length() - tail.length() - " []".length());
            if (bar >= NARROWEST_BAR) {
                int filled = (int) (bar * pace.share());
                return head + " [" + "=".repeat(filled) + " ".repeat(bar - filled) + "]" + tail;
            }
        }
        return head.substring(0, Math.min(head.length(), room));
    }
}
