package org.jformers.task;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jformers.data.DataException;
import org.jformers.data.Split;
import org.jformers.data.Table;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jspecify.annotations.Nullable;

/**
 * Rows to train on, to watch the run on and to measure the result on.
 *
 * @param training rows to train on
 * @param validation rows to watch the run on
 * @param test rows to measure the result on
 * @param measured what the rows for the result are called
 */
record TextFiles(Table training, Table validation, Table test, String measured) {
    /** What is held out where no file is given for it. */
    static final double HELD_OUT = 0.1;

    /**
     * Reads the files, and says what was left out.
     *
     * @param train file to train on
     * @param validation file to watch the run on; null for a tenth of the file to train on, drawn by the seed, rows of
     *     one key together
     * @param test file to measure the result on; null for the rows to watch the run on
     * @param reader reads a file
     */
    static TextFiles read(
            @Nullable String train, @Nullable String validation, @Nullable String test, Function<Path, Table> reader,
            String key, long seed, Console console) {
        Table all = read(Checks.named("task.data.train", train), "training", reader, console);
        Table training = all;
        Table watched;
        if (validation == null) {
            Split split = split(all, key, seed);
            training = split.train();
            watched = split.validation();
        } else {
            watched = read(validation, "validation", reader, console);
        }
        Table measured = test == null ? watched : read(test, "test", reader, console);
        console.say(String.format(Locale.ROOT, "%,d rows to train on, %,d to validate on%s%s", training.size(),
                watched.size(), validation == null ? ", held out" : "",
                test == null ? "" : String.format(Locale.ROOT, ", %,d for the result", measured.size())));
        return new TextFiles(training, watched, measured, test == null ? "validation" : "test");
    }

    private static Split split(Table table, String key, long seed) {
        try {
            return Split.of(table, key, Split.Share.fraction(HELD_OUT), Split.Share.count(0), seed);
        } catch (DataException e) {
            throw new ExperimentException(e.getMessage() + "; see task.data.validation", e);
        }
    }

    private static Table read(String file, String what, Function<Path, Table> reader, Console console) {
        Table table = reader.apply(Path.of(file));
        if (table.dropped() > 0) {
            console.say(String.format(Locale.ROOT, "left out of the %s rows: %s", what,
                    table.blanks().entrySet().stream()
                    .map(blank -> String.format(Locale.ROOT, "%,d without %s", blank.getValue(), blank.getKey()))
                    .collect(Collectors.joining(", "))));
        }
        if (table.size() == 0) {
            throw new ExperimentException("task.data: no " + what + " rows, in " + file);
        }
        return table;
    }

    /** All three, the same one once. */
    List<Table> tables() {
        return test == validation ? List.of(training, validation) : List.of(training, validation, test);
    }
}
