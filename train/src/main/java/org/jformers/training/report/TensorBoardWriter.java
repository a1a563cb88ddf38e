package org.jformers.training.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes metrics as TensorBoard event files, one sub-folder per split ({@code train/}, {@code eval/}), so that
 * TensorBoard draws the splits as two curves of one chart.
 *
 * <p>Events are buffered and reach the disk at the first event after {@link #FLUSH_INTERVAL}, on {@link #flush} and on
 * {@link #close}. A resumed writer starts a new file that tells the reader to forget the steps that are done again.
 * Safe for use by several threads.
 */
public final class TensorBoardWriter implements AutoCloseable {
    /** How long an event may wait for the disk while others follow. */
    public static final Duration FLUSH_INTERVAL = Duration.ofSeconds(5);

    private final Path folder;
    private final long firstStep;
    private final Map<String, EventFile> files = new HashMap<>();
    private long flushedAt = System.nanoTime();

    private TensorBoardWriter(Path folder, long firstStep) {
        this.folder = folder;
        this.firstStep = firstStep;
    }

    /** Writes the events of a run from its start below {@code folder}. */
    public static TensorBoardWriter create(Path folder) {
        return new TensorBoardWriter(folder, 0);
    }

    /** Continues after the step that a checkpoint holds; events of later steps in older files no longer count. */
    public static TensorBoardWriter resume(Path folder, long step) {
        return new TensorBoardWriter(folder, step + 1);
    }

    /** Writes every value of the row as a scalar, named as in the row. */
    public synchronized void append(MetricRow row) {
        row.values().forEach((tag, value) ->
                write(row.split(), row.time(), EventMessage.scalar(row.time(), row.step(), tag, value)));
    }

    /** Writes a text, which TensorBoard renders as Markdown: samples, settings. */
    public synchronized void text(String split, long step, double time, String tag, String text) {
        write(split, time, EventMessage.text(time, step, tag, text));
    }

    private void write(String split, double time, byte[] event) {
        try {
            EventFile file = files.get(split);
            if (file == null) {
                file = open(split, time);
                files.put(split, file);
            }
            file.append(event);
            if (System.nanoTime() - flushedAt > FLUSH_INTERVAL.toNanos()) {
                flush();
            }
        } catch (IOException e) {
            throw failed("write", e);
        }
    }

    private EventFile open(String split, double time) throws IOException {
        Path splitFolder = Files.createDirectories(folder.resolve(split));
        EventFile file = new EventFile(splitFolder.resolve(name(splitFolder, (long) time)));
        file.append(EventMessage.version(time));
        if (firstStep > 0) {
            file.append(EventMessage.restart(time, firstStep));
        }
        file.flush();
        return file;
    }

    /** TensorBoard reads the files of a folder in the order of their names, so a newer one gets a greater number. */
    private static String name(Path folder, long seconds) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            long newest = paths.map(path -> path.getFileName().toString().split("\\."))
                    .filter(parts -> parts.length > 3 && parts[2].equals("tfevents") && parts[3].matches("\\d{1,18}"))
                    .mapToLong(parts -> Long.parseLong(parts[3]))
                    .max().orElse(-1);
            return "events.out.tfevents.%010d.jformers".formatted(Math.max(seconds, newest + 1));
        }
    }

    /** Hands everything written so far to the operating system. */
    public synchronized void flush() {
        try {
            for (EventFile file : files.values()) {
                file.flush();
            }
            flushedAt = System.nanoTime();
        } catch (IOException e) {
            throw failed("write", e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            for (EventFile file : files.values()) {
                file.close();
            }
            files.clear();
        } catch (IOException e) {
            throw failed("close", e);
        }
    }

    private ReportException failed(String action, IOException e) {
        String message = "TensorBoard: cannot " + action + " events below " + folder + ": " + e.getMessage();
        return new ReportException(message, e);
    }
}
