package org.jformers.task;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.DataException;
import org.jformers.data.DataSource;
import org.jformers.data.LabelledTexts;
import org.jformers.data.RowEncoding;
import org.jformers.data.Table;
import org.jformers.evaluation.metric.Correlation;
import org.jformers.evaluation.metric.Ranking;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.model.Model;
import org.jformers.model.ProblemType;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.objective.Classification;
import org.jformers.objective.Objective;
import org.jformers.objective.Scores;
import org.jformers.task.Reranking.Data;
import org.jformers.task.Reranking.Loss;
import org.jformers.task.Reranking.Measure;
import org.jformers.tensor.Precision;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Queries with texts and how relevant these are. */
final class PreparedReranking implements PreparedTask {
    /** The name of the one score, as the reference calls the first class of all. */
    private static final List<String> SCORE = List.of("LABEL_0");

    private final Reranking task;
    private final TextModel base;
    private final TextFiles rows;
    private final LabelledTexts training;
    private final LabelledTexts validation;
    private final LabelledTexts test;
    /** Whether labels say relevant or not, and are no scores. */
    private final boolean binary;

    PreparedReranking(Reranking task, RunStart start, Console console) {
        this.task = task;
        Data data = task.data();
        base = TextModel.of(start, Task.SEQUENCE_CLASSIFICATION);
        rows = TextFiles.read(data.train(), data.validation(), data.test(),
                file -> Table.read(DataSource.of(file), data.query(), data.text(), data.label()), data.query(),
                start.experiment().seed(), console);
        binary = rows.tables().stream().flatMapToDouble(table -> Arrays.stream(numbers(table)))
                .allMatch(number -> number == 0 || number == 1);
        RowEncoding encoding = base.encoding(task.maxLength());
        training = examples(rows.training(), encoding);
        validation = examples(rows.validation(), encoding);
        test = rows.test() == rows.validation() ? validation : examples(rows.test(), encoding);
        describe(rows.training(), "to train on", console);
        describe(rows.validation(), "to validate on", console);
        requireMeasure();
        TextFigures.lengths(console, training.size(), training::length, training.truncated(), encoding.maxLength());
        TextFigures.cut(console, "validation", validation.truncated(), encoding.maxLength());
        if (test != validation) {
            TextFigures.cut(console, "test", test.truncated(), encoding.maxLength());
        }
    }

    private double[] numbers(Table table) {
        float[] values = table.numbers(task.data().label());
        for (int i = 0; i < values.length && task.loss() == Loss.BINARY_CROSS_ENTROPY; i++) {
            if (values[i] < 0 || values[i] > 1) {
                throw new DataException(table.row(i) + ": " + task.data().label() + " is "
                        + table.column(task.data().label()).get(i).strip()
                        + ", allowed: numbers from 0 to 1; with task.loss=mse any");
            }
        }
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private boolean[] relevant(Table table) {
        double[] numbers = numbers(table);
        boolean[] relevant = new boolean[numbers.length];
        IntStream.range(0, numbers.length).forEach(i -> relevant[i] = numbers[i] >= task.evaluation().relevant());
        return relevant;
    }

    private List<String> queries(Table table) {
        return table.column(task.data().query());
    }

    private void describe(Table table, String what, Console console) {
        List<String> queries = queries(table);
        boolean[] relevant = relevant(table);
        long texts = IntStream.range(0, relevant.length).filter(i -> relevant[i]).count();
        long distinct = queries.stream().distinct().count();
        int ranked = Ranking.of(queries, relevant, new double[relevant.length]).queries();
        console.say(String.format(Locale.ROOT, "%,d queries %s, %,d texts relevant, %,d not%s", distinct, what, texts,
                relevant.length - texts, ranked == distinct ? "" : String.format(Locale.ROOT,
                        "; %,d queries without a relevant text, which do not count for mrr", distinct - ranked)));
    }

    /** A figure that the rows cannot tell must not show itself at the end of a run. */
    private void requireMeasure() {
        List<String> figures = List.copyOf(
                figures(rows.validation(), new double[rows.validation().size()]).keySet());
        if (!figures.contains(measure())) {
            throw new ExperimentException("task.measure: got " + measure() + " for "
                    + (binary ? "labels that are 0 and 1" : "scores") + ", allowed " + String.join(", ", figures));
        }
        for (Table table : rows.tables().subList(1, rows.tables().size())) {
            if (task.measure() == Measure.MRR && !ranks(table)) {
                throw new ExperimentException("task.measure: got mrr, but no query has a text that is relevant and one"
                        + " that is not, in " + table.name() + ", allowed "
                        + String.join(", ", figures.subList(1, figures.size())));
            }
        }
    }

    /** Whether there is a query whose texts can stand in a right and in a wrong order. */
    private boolean ranks(Table table) {
        boolean[] relevant = relevant(table);
        Map<String, Boolean> first = new LinkedHashMap<>();
        List<String> queries = queries(table);
        return IntStream.range(0, relevant.length)
                .anyMatch(i -> Optional.ofNullable(first.putIfAbsent(queries.get(i), relevant[i]))
                        .filter(other -> other != relevant[i]).isPresent());
    }

    private LabelledTexts examples(Table table, RowEncoding encoding) {
        Data data = task.data();
        float[] numbers = table.numbers(data.label());
        return LabelledTexts.of(LabelledTexts.texts(table, data.query(), Optional.of(data.text())),
                task.loss() == Loss.MSE ? new LabelledTexts.Numbers(numbers) : new LabelledTexts.Shares(numbers),
                encoding, task.batch());
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Iterable<Batch> validation() {
        return validation.evaluationBatches();
    }

    /** With what sentence-transformers makes of the score, as its cross-encoders say it. */
    @Override
    public Model model() {
        boolean mse = task.loss() == Loss.MSE;
        return base.start().load(LoadRequest.of(Task.SEQUENCE_CLASSIFICATION)
                .withLabels(SCORE)
                .withMode(LoadMode.REPLACED_HEAD)
                .withProblemType(mse ? ProblemType.REGRESSION : ProblemType.MULTI_LABEL_CLASSIFICATION)
                .withConfig("sentence_transformers", Map.of("activation_fn", mse
                        ? "torch.nn.modules.linear.Identity"
                        : "torch.nn.modules.activation.Sigmoid")));
    }

    @Override
    public Objective objective(Model model) {
        return new Classification(model);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        double[] scores = new double[validation.size()];
        double loss = score(model, validation, precision, scores);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricRow.LOSS, loss);
        figures.putAll(figures(rows.validation(), scores));
        return figures;
    }

    private static double score(Model model, LabelledTexts examples, Precision precision, double[] scores) {
        return Scores.each(model, examples, precision, some -> {
            for (int row = 0; row < some.examples().length; row++) {
                scores[some.examples()[row]] = some.logits()[row];
            }
        });
    }

    private Map<String, Double> figures(Table table, double[] scores) {
        boolean[] relevant = relevant(table);
        Ranking ranking = Ranking.of(queries(table), relevant, scores);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(name(Measure.MRR), ranking.reciprocalRank());
        if (binary) {
            long right = IntStream.range(0, scores.length).filter(i -> relevant[i] == taken(scores[i])).count();
            figures.put(name(Measure.ACCURACY), (double) right / scores.length);
            figures.put(name(Measure.AVERAGE_PRECISION), ranking.averagePrecision());
        } else {
            figures.put(name(Measure.SPEARMAN), Correlation.of(numbers(table), scores).spearman());
        }
        return figures;
    }

    /** Whether a score says relevant. */
    private boolean taken(double score) {
        return shown(score) > task.evaluation().relevant();
    }

    /** A score as it compares with labels. */
    private double shown(double score) {
        return task.loss() == Loss.MSE ? score : 1 / (1 + Math.exp(-score));
    }

    private static String name(Measure measure) {
        return measure.name().toLowerCase(Locale.ROOT);
    }

    private String measure() {
        return name(task.measure());
    }

    @Override
    public Criterion criterion() {
        return new Criterion(measure(), true);
    }

    @Override
    public void complete(Path modelFolder) {
        base.tokenizer().save(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        double[] scores = new double[test.size()];
        try (Model model = AutoModel.load(modelFolder)) {
            score(model, test, Precision.FLOAT32, scores);
        }
        Map<String, Double> figures = figures(rows.test(), scores);
        return new Outcome(
                String.format(Locale.ROOT, "%s %.4f on %,d %s rows", measure(), figures.get(measure()), scores.length,
                        rows.measured()),
                figures.keySet().stream().map(name -> new ReportData.Measure(name.replace('_', ' '), "", 4, true))
                        .toList(),
                List.of(new ReportData.Result("this model", "", List.copyOf(figures.values())),
                        new ReportData.Result("chance", "the mean of all orders; one answer for all texts", chance())),
                errors(scores));
    }

    private List<Double> chance() {
        boolean[] relevant = relevant(rows.test());
        double share = (double) IntStream.range(0, relevant.length).filter(i -> relevant[i]).count() / relevant.length;
        double mrr = Ranking.chance(queries(rows.test()), relevant);
        return binary ? List.of(mrr, Math.max(share, 1 - share), share) : List.of(mrr, Double.NaN);
    }

    private ReportData.Errors errors(double[] scores) {
        double[] numbers = numbers(rows.test());
        var worst = new ReportData.WorstExamples("distance", worst(numbers, scores));
        if (!binary) {
            return ReportData.Errors.of(new ReportData.Scatter(boxed(numbers),
                    boxed(Arrays.stream(scores).map(this::shown).toArray())), worst);
        }
        long[][] counts = new long[2][2];
        IntStream.range(0, scores.length).forEach(i -> counts[numbers[i] == 1 ? 1 : 0][taken(scores[i]) ? 1 : 0]++);
        return ReportData.Errors.of(new ReportData.ConfusionMatrix(List.of("not relevant", "relevant"),
                Arrays.stream(counts).map(row -> Arrays.stream(row).boxed().toList()).toList()), worst);
    }

    private static List<Double> boxed(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private List<ReportData.WorstExample> worst(double[] numbers, double[] scores) {
        Data data = task.data();
        return IntStream.range(0, scores.length).boxed()
                .sorted(Comparator.comparingDouble(i -> -Math.abs(numbers[i] - shown(scores[i]))))
                .limit(task.evaluation().samples())
                .map(i -> new ReportData.WorstExample(
                        TextFigures.input(rows.test(), data.query(), Optional.of(data.text()), i),
                        rows.test().column(data.label()).get(i),
                        String.format(Locale.ROOT, "%.3f", shown(scores[i])),
                        Math.abs(numbers[i] - shown(scores[i]))))
                .toList();
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        Data data = task.data();
        return TextFigures.usePair("Score a text for a query", "text-classification", modelFolder,
                rows.test().column(data.query()).get(0), rows.test().column(data.text()).get(0));
    }

    @Override
    public String unit() {
        return "rows";
    }

    @Override
    public String pipelineTag() {
        return "text-ranking";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
