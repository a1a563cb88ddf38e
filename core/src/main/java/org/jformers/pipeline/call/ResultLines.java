package org.jformers.pipeline.call;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.pipeline.Label;

/** Results as lines for a reader. */
final class ResultLines {
    private ResultLines() {}

    /** Labels with their scores. */
    static String of(List<Label> labels) {
        return labels.stream()
                .map(label -> String.format(Locale.ROOT, "%s\t%.4f", label.label(), label.score()))
                .collect(Collectors.joining("\t"));
    }

    /** A vector, each number in a format. */
    static String of(float[] vector, String format) {
        return IntStream.range(0, vector.length)
                .mapToObj(i -> String.format(Locale.ROOT, format, vector[i]))
                .collect(Collectors.joining("\t"));
    }
}
