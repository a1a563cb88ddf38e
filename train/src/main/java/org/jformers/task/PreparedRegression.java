package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.DataSource;
import org.jformers.data.LabelledTexts;
import org.jformers.data.RowEncoding;
import org.jformers.data.Table;
import org.jformers.evaluation.metric.Correlation;
import org.jformers.experiment.Console;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.model.Model;
import org.jformers.model.ProblemType;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.objective.Classification;
import org.jformers.objective.Objective;
import org.jformers.objective.Scores;
import org.jformers.task.Regression.Data;
import org.jformers.task.Regression.Measure;
import org.jformers.tensor.Precision;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Rows of texts with their numbers. */
final class PreparedRegression implements PreparedTask {
    /** The name of the one score, as the reference calls the first class of all. */
    private static final List<String> SCORE = List.of("LABEL_0");

    private final Regression task;
    private final TextModel base;
    private final TextFiles rows;
    private final LabelledTexts training;
    private final LabelledTexts validation;
    private final LabelledTexts test;

    PreparedRegression(Regression task, RunStart start, Console console) {
        this.task = task;
        Data data = task.data();
        base = TextModel.of(start, Task.SEQUENCE_CLASSIFICATION);
        rows = TextFiles.read(data.train(), data.validation(), data.test(), this::table, data.text(),
                start.experiment().seed(), console);
        RowEncoding encoding = base.encoding(task.maxLength());
        training = examples(rows.training(), encoding);
        validation = examples(rows.validation(), encoding);
        test = rows.test() == rows.validation() ? validation : examples(rows.test(), encoding);
        double[] numbers = numbers(rows.training());
        console.say(String.format(Locale.ROOT, "numbers from %.4g to %.4g, mean %.4g", Arrays.stream(numbers).min()
                .orElseThrow(), Arrays.stream(numbers).max().orElseThrow(), mean(numbers)));
        TextFigures.lengths(console, training.size(), training::length, training.truncated(), encoding.maxLength());
        TextFigures.cut(console, "validation", validation.truncated(), encoding.maxLength());
        if (test != validation) {
            TextFigures.cut(console, "test", test.truncated(), encoding.maxLength());
        }
    }

    private static double mean(double[] numbers) {
        return Arrays.stream(numbers).average().orElseThrow();
    }

    private Table table(Path file) {
        Data data = task.data();
        List<String> needed = new ArrayList<>(List.of(data.text(), data.label()));
        if (data.pair() != null) {
            needed.add(1, data.pair());
        }
        return Table.read(DataSource.of(file), needed, List.of());
    }

    private double[] numbers(Table table) {
        float[] values = table.numbers(task.data().label());
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private LabelledTexts examples(Table table, RowEncoding encoding) {
        Data data = task.data();
        return LabelledTexts.of(LabelledTexts.texts(table, data.text(), Optional.ofNullable(data.pair())),
                new LabelledTexts.Numbers(table.numbers(data.label())), encoding, task.batch());
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Iterable<Batch> validation() {
        return validation.evaluationBatches();
    }

    @Override
    public Model model() {
        return base.model(SCORE, ProblemType.REGRESSION);
    }

    @Override
    public Objective objective(Model model) {
        return new Classification(model);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        double[] predicted = new double[validation.size()];
        double loss = predict(model, validation, precision, predicted);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricRow.LOSS, loss);
        figures.putAll(figures(numbers(rows.validation()), predicted));
        return figures;
    }

    private static double predict(Model model, LabelledTexts examples, Precision precision, double[] predicted) {
        return Scores.each(model, examples, precision, scores -> {
            for (int row = 0; row < scores.examples().length; row++) {
                predicted[scores.examples()[row]] = scores.logits()[row];
            }
        });
    }

    private static Map<String, Double> figures(double[] truth, double[] predicted) {
        Correlation correlation = Correlation.of(truth, predicted);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("pearson", correlation.pearson());
        figures.put("spearman", correlation.spearman());
        figures.put("mse", correlation.meanSquaredError());
        figures.put("mae", correlation.meanAbsoluteError());
        return figures;
    }

    @Override
    public Criterion criterion() {
        return new Criterion(task.measure().name().toLowerCase(Locale.ROOT),
                EnumSet.of(Measure.PEARSON, Measure.SPEARMAN).contains(task.measure()));
    }

    @Override
    public void complete(Path modelFolder) {
        base.tokenizer().save(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        double[] truth = numbers(rows.test());
        double[] predicted = new double[truth.length];
        try (Model model = AutoModel.load(modelFolder)) {
            predict(model, test, Precision.FLOAT32, predicted);
        }
        Map<String, Double> figures = figures(truth, predicted);
        double[] constant = new double[truth.length];
        Arrays.fill(constant, mean(numbers(rows.training())));
        Correlation mean = Correlation.of(truth, constant);
        List<Double> same = List.of(Double.NaN, Double.NaN, mean.meanSquaredError(), mean.meanAbsoluteError());
        String measure = task.measure().name().toLowerCase(Locale.ROOT);
        return new Outcome(
                String.format(Locale.ROOT, "%s %.4f on %,d %s rows",
                        measure, MetricRow.figure(figures, measure), truth.length, rows.measured()),
                List.of(new ReportData.Measure("pearson", "", 4, true),
                        new ReportData.Measure("spearman", "", 4, true),
                        new ReportData.Measure("mse", "", 4, false),
                        new ReportData.Measure("mae", "", 4, false)),
                List.of(new ReportData.Result("this model", "", List.copyOf(figures.values())),
                        new ReportData.Result("mean", "the mean of the numbers to train on", same)),
                ReportData.Errors.of(new ReportData.Scatter(boxed(truth), boxed(predicted)),
                        new ReportData.WorstExamples("distance", worst(truth, predicted))));
    }

    private static List<Double> boxed(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private List<ReportData.WorstExample> worst(double[] truth, double[] predicted) {
        Data data = task.data();
        return IntStream.range(0, truth.length).boxed()
                .sorted(Comparator.comparingDouble(i -> -Math.abs(truth[i] - predicted[i])))
                .limit(task.evaluation().samples())
                .map(i -> new ReportData.WorstExample(
                        TextFigures.input(rows.test(), data.text(), Optional.ofNullable(data.pair()), i),
                        rows.test().column(data.label()).get(i), String.format(Locale.ROOT, "%.3f", predicted[i]),
                        Math.abs(truth[i] - predicted[i])))
                .toList();
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return TextFigures.use("Score texts", "text-classification", modelFolder,
                rows.test().column(task.data().text()).get(0));
    }

    @Override
    public String unit() {
        return "rows";
    }

    @Override
    public String pipelineTag() {
        return "text-classification";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
