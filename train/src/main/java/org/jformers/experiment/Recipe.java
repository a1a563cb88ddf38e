package org.jformers.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.objective.Objective;
import org.jformers.training.report.ReportData;

/** What an experiment does with its data before and after training: one kind of task from text to result. */
interface Recipe {

    /** Examples to train on. */
    BatchedExamples training();

    /** Batches to watch the loss on. */
    Iterable<Batch> validation();

    /** What the model is for. */
    Task task();

    /** The loss of a model. */
    Objective objective(Model model);

    /** The experiment's model with what follows from the data: size of the vocabulary, ids of special tokens. */
    ObjectNode modelConfig();

    /** Adds the tokenizer's files and the settings of generation to a model folder. */
    void complete(Path modelFolder);

    /** Measures a complete model folder on the rows that were held out: what is measured is what was saved. */
    Outcome evaluate(Path modelFolder);

    /**
     * What came out.
     *
     * @param headline the result in one line
     * @param measures what the numbers are
     * @param results the model's numbers, then those of the baselines
     * @param samples a few held-out rows
     * @param attention what the model looked at in some of them
     */
    record Outcome(
            String headline,
            List<ReportData.Measure> measures,
            List<ReportData.Result> results,
            List<ReportData.Sample> samples,
            List<ReportData.AttentionMaps> attention) {

        /** The results side by side, one line each. */
        List<String> lines() {
            int width = results.stream().mapToInt(result -> result.name().length()).max().orElse(0);
            return results.stream().map(result -> result.name() + " ".repeat(width - result.name().length())
                    + IntStream.range(0, measures.size())
                            .mapToObj(i -> "  " + measure(measures.get(i), result.values().get(i)))
                            .collect(Collectors.joining())).toList();
        }

        private static String measure(ReportData.Measure measure, double value) {
            String number = String.format(Locale.ROOT, "%." + measure.decimals() + "f", value);
            return measure.name() + " " + number + (measure.unit().isEmpty() ? "" : " " + measure.unit());
        }
    }
}
