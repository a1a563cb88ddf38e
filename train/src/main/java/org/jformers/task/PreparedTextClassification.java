package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.DataSource;
import org.jformers.data.LabelSet;
import org.jformers.data.LabelledTexts;
import org.jformers.data.RowEncoding;
import org.jformers.data.Table;
import org.jformers.evaluation.metric.Average;
import org.jformers.evaluation.metric.Classification;
import org.jformers.evaluation.metric.MultiLabelClassification;
import org.jformers.experiment.Console;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.model.Model;
import org.jformers.model.ProblemType;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.objective.AuxiliaryLanguage;
import org.jformers.objective.Objective;
import org.jformers.objective.Scores;
import org.jformers.objective.WeightedClassification;
import org.jformers.task.TextClassification.Data;
import org.jformers.tensor.Precision;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Rows of texts with their classes. */
final class PreparedTextClassification implements PreparedTask {
    private final TextClassification task;
    private final TextModel base;
    private final TextFiles rows;
    private final LabelSet labels;
    private final LabelledTexts training;
    private final LabelledTexts validation;
    private final LabelledTexts test;
    private final Optional<List<Double>> weights;

    PreparedTextClassification(TextClassification task, RunStart start, Console console) {
        this.task = task;
        Data data = task.data();
        base = TextModel.of(start, Task.SEQUENCE_CLASSIFICATION);
        rows = TextFiles.read(data.train(), data.validation(), data.test(), this::table, data.text(),
                start.experiment().seed(), console);
        labels = base.labels(found(rows.training()));
        RowEncoding encoding = base.encoding(task.maxLength());
        training = examples(rows.training(), encoding);
        validation = examples(rows.validation(), encoding);
        test = rows.test() == rows.validation() ? validation : examples(rows.test(), encoding);
        long[] counts = counts();
        weights = ClassWeights.of(task.classWeights(), labels, counts);
        console.say("labels: " + TextFigures.counted(labels, counts));
        TextFigures.lengths(console, training.size(), training::length, training.truncated(), encoding.maxLength());
        TextFigures.cut(console, "validation", validation.truncated(), encoding.maxLength());
        if (test != validation) {
            TextFigures.cut(console, "test", test.truncated(), encoding.maxLength());
        }
    }

    private Table table(Path file) {
        Data data = task.data();
        List<String> needed = new ArrayList<>(List.of(data.text()));
        if (data.pair() != null) {
            needed.add(data.pair());
        }
        if (data.multiLabel() == null) {
            needed.add(data.label());
            return Table.read(DataSource.of(file), needed, List.of());
        }
        return Table.read(DataSource.of(file), needed, List.of(data.label())); // an empty field: none of the classes
    }

    private boolean several() {
        return separator().isPresent();
    }

    /** What stands between the labels of a row that may have several. */
    private Optional<String> separator() {
        return Optional.ofNullable(task.data().multiLabel());
    }

    private LabelSet found(Table table) {
        return separator()
                .map(between -> LabelSet.ofColumn(table, task.data().label(), between))
                .orElseGet(() -> LabelSet.ofColumn(table, task.data().label()));
    }

    /** The numbers of the classes of each row, of which it has one unless it may have several. */
    private int[][] ids(Table table) {
        return separator()
                .map(between -> labels.idSets(table, task.data().label(), between))
                .orElseGet(() -> IntStream.of(labels.ids(table, task.data().label()))
                        .mapToObj(id -> new int[] {id}).toArray(int[][]::new));
    }

    private LabelledTexts examples(Table table, RowEncoding encoding) {
        Data data = task.data();
        LabelledTexts.Labels said = several()
                ? new LabelledTexts.ClassSets(ids(table), labels.size())
                : new LabelledTexts.Classes(labels.ids(table, data.label()));
        return LabelledTexts.of(
                LabelledTexts.texts(table, data.text(), Optional.ofNullable(data.pair())), said, encoding,
                task.batch());
    }

    private long[] counts() {
        long[] counts = new long[labels.size()];
        for (int[] ids : ids(rows.training())) {
            IntStream.of(ids).forEach(id -> counts[id]++);
        }
        return counts;
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
        return base.model(labels.labels(), several()
                ? ProblemType.MULTI_LABEL_CLASSIFICATION
                : ProblemType.SINGLE_LABEL_CLASSIFICATION);
    }

    @Override
    public Objective objective(Model model) {
        if (task.auxiliary() > 0) {
            AutoModel.requireCausal(model.config(), Task.CAUSAL_LM, "auxiliary language model");
            return new AuxiliaryLanguage(model, AutoModel.spec(model.config(), Task.CAUSAL_LM), task.auxiliary());
        }
        return weights.<Objective>map(some -> new WeightedClassification(model, some))
                .orElseGet(() -> new org.jformers.objective.Classification(model));
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Answers answers = answers(model, validation, rows.validation(), precision);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricRow.LOSS, answers.loss());
        figures.putAll(figures(answers));
        return figures;
    }

    @Override
    public Criterion criterion() {
        return new Criterion(task.measure().name().toLowerCase(Locale.ROOT), true);
    }

    /** What a model says of rows: the numbers of classes, and how sure it is of the right ones. */
    private record Answers(double loss, int[][] truth, int[][] predicted, double[] sureness) {}

    private Answers answers(Model model, LabelledTexts examples, Table table, Precision precision) {
        int[][] truth = ids(table);
        int[][] predicted = new int[examples.size()][];
        double[] sureness = new double[examples.size()];
        double loss = Scores.each(model, examples, precision, scores -> {
            for (int row = 0; row < scores.examples().length; row++) {
                int example = scores.examples()[row];
                predicted[example] = several() ? scores.above(row, 0) : new int[] {scores.best(row)};
                sureness[example] = several()
                        ? -scores.binaryLoss(row, truth[example])
                        : scores.probability(row, truth[example][0]);
            }
        });
        return new Answers(loss, truth, predicted, sureness);
    }

    private Map<String, Double> figures(Answers answers) {
        Map<String, Double> figures = new LinkedHashMap<>();
        if (several()) {
            var counted = MultiLabelClassification.of(answers.truth(), answers.predicted(), labels.size());
            figures.put("accuracy", counted.subsetAccuracy());
            figures.put("f1", counted.average(Average.MACRO).f1());
            figures.put("micro_f1", counted.average(Average.MICRO).f1());
            return figures;
        }
        Classification counted = classification(answers);
        figures.put("accuracy", counted.accuracy());
        figures.put("f1", counted.average(Average.MACRO).f1());
        figures.put("matthews", counted.matthews());
        return figures;
    }

    private static Classification classification(Answers answers) {
        return Classification.of(first(answers.truth()), first(answers.predicted()));
    }

    private static int[] first(int[][] sets) {
        return IntStream.range(0, sets.length).map(i -> sets[i][0]).toArray();
    }

    @Override
    public void complete(Path modelFolder) {
        base.tokenizer().save(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        Answers answers;
        try (Model model = AutoModel.load(modelFolder)) {
            answers = answers(model, test, rows.test(), Precision.FLOAT32);
        }
        Map<String, Double> figures = figures(answers);
        List<ReportData.Measure> measures = figures.keySet().stream()
                .map(name -> new ReportData.Measure(name.replace('_', ' '), "%", 2, true)).toList();
        List<ReportData.Result> results = new ArrayList<>();
        results.add(new ReportData.Result("this model", "", percent(figures)));
        if (!several()) {
            Answers most = new Answers(0, answers.truth(),
                    IntStream.range(0, answers.truth().length).mapToObj(i -> new int[] {mostFrequent()})
                            .toArray(int[][]::new), new double[0]);
            results.add(new ReportData.Result(
                    "most frequent class", "the class that most rows to train on have", percent(figures(most))));
        }
        String measure = task.measure().name().toLowerCase(Locale.ROOT);
        return new Outcome(
                String.format(Locale.ROOT, "%s %.2f %% on %,d %s rows",
                        measure, 100 * MetricRow.figure(figures, measure), test.size(), rows.measured()),
                measures, results, errors(answers));
    }

    private static List<Double> percent(Map<String, Double> figures) {
        return figures.values().stream().map(value -> 100 * value).toList();
    }

    private int mostFrequent() {
        long[] counts = counts();
        return IntStream.range(0, counts.length).boxed().max(Comparator.comparingLong(i -> counts[i])).orElseThrow();
    }

    /** Which classes are taken for which, and the rows of whose right answer the model is least sure. */
    private ReportData.Errors errors(Answers answers) {
        var worst = new ReportData.WorstExamples(
                several() ? "cross-entropy" : "probability of the expected label", worst(answers));
        return several()
                ? ReportData.Errors.of(worst)
                : ReportData.Errors.of(new ReportData.ConfusionMatrix(labels.labels(),
                        classification(answers).confusion(labels.size())), worst);
    }

    private List<ReportData.WorstExample> worst(Answers answers) {
        return IntStream.range(0, test.size()).boxed()
                .sorted(Comparator.comparingDouble(i -> answers.sureness()[i]))
                .limit(task.evaluation().samples())
                .map(i -> new ReportData.WorstExample(
                        TextFigures.input(rows.test(), task.data().text(), Optional.ofNullable(task.data().pair()), i),
                        names(answers.truth()[i]), names(answers.predicted()[i]), Math.abs(answers.sureness()[i])))
                .toList();
    }

    private String names(int[] ids) {
        return ids.length == 0 ? "none" : String.join(", ", IntStream.of(ids).mapToObj(labels.labels()::get).toList());
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return TextFigures.use("Classify texts", "text-classification", modelFolder,
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
