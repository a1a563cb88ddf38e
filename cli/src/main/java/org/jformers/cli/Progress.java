package org.jformers.cli;

import java.io.PrintWriter;

/** Shows on standard error how far a long job has come. Safe for use by several threads. */
public interface Progress extends AutoCloseable {

    /**
     * Tells how far the job is; cheap enough for every step, drawn a few times a second at most.
     *
     * @param done units of work done in all
     * @param figures what else is worth seeing, such as {@code loss 1.234} and {@code 5,120 tokens/s}; where there is
     *     little room, the last ones are left out
     */
    void update(long done, String... figures);

    /** Tells how much work there is in all, where that is known better by now. */
    void expect(long total);

    /** Prints a line that stays, without tearing the display. */
    void say(String line);

    /** Shows the last state and ends the display. */
    @Override
    void close();

    /**
     * Begins a display that also ends when the process is told to end (Ctrl-C, SIGTERM), so that no half line stays
     * behind; for jobs that have nothing to save.
     */
    static Progress startUnsaved(String task, long total, PrintWriter err) {
        return new EndingProgress(start(task, 0, total, err));
    }

    /**
     * Begins a display.
     *
     * @param task name of the job
     * @param done units of work done before, by a run that is resumed; they do not count for the time that is left
     * @param total units of work in all
     * @param err where to draw
     */
    static Progress start(String task, long done, long total, PrintWriter err) {
        // Set by the launcher when standard error is a terminal; the JVM itself can only tell for standard output.
        int columns = Integer.getInteger("jformers.columns", 0);
        Pace pace = new Pace(done, total, System::nanoTime);
        return columns > 0 ? new ProgressBar(task, pace, columns, err) : new ProgressLines(task, pace, err);
    }
}
