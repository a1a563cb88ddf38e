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
 * @param errors where it is wrong on examples it never saw
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
        Errors errors,
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
     * Where a model is wrong; what makes no sense for a task is empty.
     *
     * @param confusion of classes
     * @param scatter of numbers
     * @param worst the examples that it is most wrong about
     */
    public record Errors(ConfusionMatrix confusion, Scatter scatter, WorstExamples worst) {
        /** Nothing is said of errors. */
        public static final Errors NONE = of(new WorstExamples("", List.of()));

        /** Of answers that are neither one class nor a number. */
        public static Errors of(WorstExamples worst) {
            return new Errors(new ConfusionMatrix(List.of(), List.of()), new Scatter(List.of(), List.of()), worst);
        }

        /** Of classes. */
        public static Errors of(ConfusionMatrix confusion, WorstExamples worst) {
            return new Errors(confusion, NONE.scatter, worst);
        }

        /** Of numbers. */
        public static Errors of(Scatter scatter, WorstExamples worst) {
            return new Errors(NONE.confusion, scatter, worst);
        }
    }

    /**
     * @param labels the classes
     * @param counts examples by expected class (rows) and predicted one (columns), in the order of the labels
     */
    public record ConfusionMatrix(List<String> labels, List<List<Long>> counts) {
        public ConfusionMatrix {
            labels = List.copyOf(labels);
            counts = counts.stream().map(List::copyOf).toList();
            int classes = labels.size();
            if (counts.size() != classes || counts.stream().anyMatch(row -> row.size() != classes)) {
                throw new ReportException("report: a confusion matrix of " + classes + " labels needs " + classes
                        + " rows of as many counts, got " + counts);
            }
        }
    }

    /**
     * Numbers and what was predicted for them.
     *
     * @param expected the right numbers
     * @param predicted as many
     */
    public record Scatter(List<Double> expected, List<Double> predicted) {
        public Scatter {
            expected = List.copyOf(expected);
            predicted = List.copyOf(predicted);
            if (expected.size() != predicted.size()) {
                throw new ReportException("report: a scatter plot needs as many predicted numbers as expected ones,"
                        + " got " + predicted.size() + " and " + expected.size());
            }
        }
    }

    /**
     * @param measure how wrong the model is, such as "probability of the expected label"
     * @param examples the worst first
     */
    public record WorstExamples(String measure, List<WorstExample> examples) {
        public WorstExamples {
            examples = List.copyOf(examples);
        }
    }

    /** @param value of the measure */
    public record WorstExample(String input, String expected, String predicted, double value) {}

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

    /** A report that says nothing of errors. */
    public ReportData(
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
        this(title, description, summary, commands, measures, results, samples, Errors.NONE, attention, parts, facts,
                settings);
    }

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
