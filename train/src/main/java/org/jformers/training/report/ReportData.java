package org.jformers.training.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Everything a report says apart from the metrics, which are read from the run's log. A plain tree that Jackson writes
 * and reads, so that a report can be made again from the run folder.
 *
 * @param title name of the experiment
 * @param description what it does, one or two sentences
 * @param summary the result in one sentence; may be empty
 * @param commands commands worth copying: how to repeat the run, how to use the model
 * @param measures columns of the result table
 * @param results its rows: the model first, then what it is compared with
 * @param samples what the model makes of examples it never saw
 * @param attention attention weights of a few samples
 * @param parts parameters by part of the model, in the order of the model
 * @param facts time, size and machine
 * @param settings the tree of settings
 */
public record ReportData(
        String title,
        String description,
        String summary,
        List<Command> commands,
        List<Measure> measures,
        List<Result> results,
        List<Sample> samples,
        List<AttentionMaps> attention,
        List<Part> parts,
        RunFacts facts,
        JsonNode settings) {

    /** @param purpose what the line does, such as "Repeat this run" */
    public record Command(String purpose, String line) {}

    /**
     * @param unit shown behind the number, such as "%"; may be empty
     * @param decimals digits after the point
     */
    public record Measure(String name, String unit, int decimals, boolean higherIsBetter) {}

    /**
     * @param name whose result it is
     * @param note how it was got; may be empty
     * @param values one for each measure; NaN where there is none
     */
    public record Result(String name, String note, List<Double> values) {}

    /** @param expected the right answer; empty where there is none, as for free generation */
    public record Sample(String input, String expected, String predicted) {}

    /**
     * @param title such as the sample's input
     * @param weights attention weights [layers, heads, rows, columns]
     */
    public record AttentionMaps(String title, String rowAxis, String columnAxis, List<String> rows,
            List<String> columns, float[][][][] weights) {

        AttentionPlot plot(int layer) {
            String heading = title + ", layer " + (layer + 1);
            return new AttentionPlot(heading, rowAxis, columnAxis, rows, columns, weights[layer]);
        }
    }

    /** @param parameters those that belong to the part; shared ones are counted where they stand first */
    public record Part(String name, long parameters) {}

    public ReportData {
        commands = List.copyOf(commands);
        measures = List.copyOf(measures);
        results = List.copyOf(results);
        samples = List.copyOf(samples);
        attention = List.copyOf(attention);
        parts = List.copyOf(parts);
        for (Result result : results) {
            if (result.values().size() != measures.size()) {
                throw new ReportException("report: result " + result.name() + " needs one value for each of "
                        + measures.size() + " measures, got " + result.values().size());
            }
        }
    }
}
