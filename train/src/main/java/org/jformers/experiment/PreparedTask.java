package org.jformers.experiment;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.model.Model;
import org.jformers.objective.Objective;
import org.jformers.tensor.Precision;
import org.jformers.training.Stateful;
import org.jformers.training.Trainable;
import org.jformers.training.TrainedModel;
import org.jformers.training.ValidationListener;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** A task with its data: all that a run asks of it, from the first batch to the result. */
public interface PreparedTask extends AutoCloseable {

    /** Examples to train on. */
    BatchedExamples training();

    /**
     * Called on the training thread before it asks for the first batch of an epoch, or for the next one of a run that
     * goes on: for examples that follow from what the model has become. Other threads may ask for such batches before.
     */
    default void beginEpoch(int epoch, Model model) {}

    /** What a run that goes on needs of the task; nothing where its examples follow from the seed. */
    default List<Stateful> stateful() {
        return List.of();
    }

    /** Batches to watch the run on. */
    Iterable<Batch> validation();

    /** Further batches to watch the run on, each by itself, by the names that logs give them. */
    default Map<String, Iterable<Batch>> watched() {
        return Map.of();
    }

    /** The model to train, made or loaded, with a head of the task; the caller closes it. */
    Model model();

    /** What is trained: the model, or that and what the task trains beside it, whose optimizer's state is one. */
    default Trainable trained(Model model) {
        return new TrainedModel(model);
    }

    /** The loss of the model. */
    Objective objective(Model model);

    /**
     * Measures a model on the validation rows, by the names that logs give the figures; loss, and accuracy where the
     * model tells it.
     */
    default Map<String, Double> validate(Model model, Precision precision) {
        return measure(model, precision, validation());
    }

    /** What the objective says of a model on batches, by the names that logs give the figures. */
    default Map<String, Double> measure(Model model, Precision precision, Iterable<Batch> batches) {
        return ValidationListener.measure(new TrainedModel(model), objective(model), precision, batches).measures();
    }

    /** By which of those figures one model is better than another. */
    default Criterion criterion() {
        return new Criterion(MetricRow.LOSS, false);
    }

    /** Adds the tokenizer's files, and what else belongs beside the weights, to a model folder. */
    void complete(Path modelFolder);

    /** Measures a complete model folder on the rows that were held out: what is measured is what was saved. */
    Outcome evaluate(Path modelFolder);

    /** How to use the model in a folder: for the report, and for whoever waits for the end of the run. */
    ReportData.Command use(Path modelFolder);

    /** Whether 'jformers serve' answers with such models. */
    default boolean served() {
        return true;
    }

    /** Frees what the task made beside the model. */
    @Override
    default void close() {}

    /** What a label is of: tokens, rows or words. */
    default String unit() {
        return "tokens";
    }

    /** What the hub calls the use of such models, such as {@code text-generation}. */
    String pipelineTag();

    /** The name of the data; cards are published, so it does not tell where they lie. */
    String dataset();

    /**
     * A figure that tells models apart.
     *
     * @param measure its name
     * @param higherIsBetter whether more of it is better
     */
    record Criterion(String measure, boolean higherIsBetter) {}

    /**
     * What came out.
     *
     * @param headline the result in one line
     * @param measures what the numbers are
     * @param results the model's numbers, then those of what it is compared with
     * @param samples a few held-out rows
     * @param errors where the model is wrong
     * @param attention what the model looked at in some of them
     */
    record Outcome(
            String headline,
            List<ReportData.Measure> measures,
            List<ReportData.Result> results,
            List<ReportData.Sample> samples,
            ReportData.Errors errors,
            List<ReportData.AttentionMaps> attention) {

        /** Of a task whose answers are texts. */
        public Outcome(
                String headline,
                List<ReportData.Measure> measures,
                List<ReportData.Result> results,
                List<ReportData.Sample> samples,
                List<ReportData.AttentionMaps> attention) {
            this(headline, measures, results, samples, ReportData.Errors.NONE, attention);
        }

        /** Of a task whose answers are classes, tags or numbers. */
        public Outcome(
                String headline,
                List<ReportData.Measure> measures,
                List<ReportData.Result> results,
                ReportData.Errors errors) {
            this(headline, measures, results, List.of(), errors, List.of());
        }

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
