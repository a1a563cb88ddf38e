package org.jformers.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.data.LabelSet;
import org.jformers.data.Table;
import org.jformers.experiment.Console;
import org.jformers.experiment.Shell;
import org.jformers.training.report.ReportData;

/** What the tasks of texts say alike of their data and their results. */
final class TextFigures {
    private static final int LONGEST_EXAMPLE = 80;
    private static final int MOST_LABELS = 20;

    private TextFigures() {}

    /** How long the rows to train on are. */
    static void lengths(Console console, int size, IntUnaryOperator length, long truncated, int maxLength) {
        int[] sorted = IntStream.range(0, size).map(length).sorted().toArray();
        console.say(String.format(Locale.ROOT, "rows of %d to %d tokens, half of them up to %d; %,d cut to %d tokens",
                sorted[0], sorted[size - 1], sorted[size / 2], truncated, maxLength));
    }

    /** How many of the rows to measure on are cut. */
    static void cut(Console console, String rows, long truncated, int maxLength) {
        if (truncated > 0) {
            console.say(String.format(
                    Locale.ROOT, "%,d of the %s rows cut to %d tokens", truncated, rows, maxLength));
        }
    }

    /** The command that asks a model about a text. */
    static ReportData.Command use(String purpose, String task, Path modelFolder, String text) {
        return new ReportData.Command(purpose, "./jformers run " + task + " --model "
                + Shell.quoted(modelFolder.toString()) + " " + Shell.quoted(shortened(text)));
    }

    /** The command that asks a model about a pair of texts. */
    static ReportData.Command usePair(
            String purpose, String task, Path modelFolder, String first, String second) {
        String call = JsonNodeFactory.instance.objectNode().set("inputs", JsonNodeFactory.instance.objectNode()
                .put("text", shortened(first)).put("text_pair", shortened(second))).toString();
        return new ReportData.Command(purpose, "printf '%s' " + Shell.quoted(call) + " | ./jformers run " + task
                + " --model " + Shell.quoted(modelFolder.toString()) + " --json");
    }

    static String shortened(String text) {
        return text.length() <= LONGEST_EXAMPLE ? text : text.substring(0, LONGEST_EXAMPLE);
    }

    /** Labels with how often they occur. */
    static String counted(LabelSet labels, long[] counts) {
        int shown = Math.min(MOST_LABELS, labels.size());
        return IntStream.range(0, shown)
                .mapToObj(i -> String.format(Locale.ROOT, "%s (%,d)", labels.labels().get(i), counts[i]))
                .collect(Collectors.joining(", "))
                + (labels.size() > shown ? " and " + (labels.size() - shown) + " more" : "");
    }

    /** A row as reports show it. */
    static String input(Table table, String text, Optional<String> pair, int row) {
        String first = table.column(text).get(row);
        return first + pair.map(column -> " | " + table.column(column).get(row)).orElse("");
    }
}
