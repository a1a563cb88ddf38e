package org.jformers.task;

import java.nio.file.Files;
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
import org.jformers.data.ImageFolder;
import org.jformers.data.LabelSet;
import org.jformers.data.LabelledImages;
import org.jformers.data.Table;
import org.jformers.evaluation.metric.Average;
import org.jformers.evaluation.metric.Classification;
import org.jformers.experiment.Console;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Extent;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.objective.Objective;
import org.jformers.objective.Scores;
import org.jformers.objective.WeightedClassification;
import org.jformers.task.ImageClassification.Augmentation;
import org.jformers.task.ImageClassification.Data;
import org.jformers.tensor.Precision;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Images with their classes. */
final class PreparedImageClassification implements PreparedTask {
    private static final Augmentation NONE = new Augmentation(1, false);

    private final ImageClassification task;
    private final ImageModel base;
    private final Console console;
    private final TextFiles rows;
    private final LabelSet labels;
    private final LabelledImages training;
    private final LabelledImages validation;
    private final LabelledImages test;
    private final Optional<List<Double>> weights;

    PreparedImageClassification(ImageClassification task, RunStart start, Console console) {
        this.task = task;
        this.console = console;
        Data data = task.data();
        base = ImageModel.of(start, Task.IMAGE_CLASSIFICATION);
        rows = TextFiles.read(data.train(), data.validation(), data.test(), this::table, ImageFolder.IMAGE,
                start.experiment().seed(), console);
        rows.tables().forEach(ImageTables::requireImages);
        labels = base.labels(LabelSet.ofColumn(rows.training(), ImageFolder.LABEL));
        training = examples(rows.training(), task.augmentation());
        validation = examples(rows.validation(), NONE);
        test = rows.test() == rows.validation() ? validation : examples(rows.test(), NONE);
        long[] counts = counts();
        weights = ClassWeights.of(task.classWeights(), labels, counts);
        console.say("labels: " + TextFigures.counted(labels, counts));
    }

    private Table table(Path source) {
        if (!Files.isDirectory(source)) {
            return ImageTables.read(source, task.data().image(), Map.of(task.data().label(), ImageFolder.LABEL));
        }
        ImageFolder found = ImageFolder.list(source);
        if (found.hidden() + found.outside() > 0) {
            console.say(String.format(Locale.ROOT, "left out of %s: %,d hidden files, %,d outside of the folders of"
                    + " classes", source, found.hidden(), found.outside()));
        }
        return found.images();
    }

    private LabelledImages examples(Table table, Augmentation augmentation) {
        Extent size = base.size();
        List<Path> files = ImageTables.files(table);
        return LabelledImages.of(labels.ids(table, ImageFolder.LABEL), new long[] {3, size.height(), size.width()},
                new ImagePixels(files, base.processor(), size, augmentation), task.batch());
    }

    private long[] counts() {
        long[] counts = new long[labels.size()];
        IntStream.of(labels.ids(rows.training(), ImageFolder.LABEL)).forEach(id -> counts[id]++);
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
        return base.model(labels.labels());
    }

    @Override
    public Objective objective(Model model) {
        return weights.<Objective>map(some -> new WeightedClassification(model, some))
                .orElseGet(() -> new org.jformers.objective.Classification(model));
    }

    /** What a model says of images: the numbers of classes, and how sure it is of the right ones. */
    private record Answers(double loss, int[] truth, int[] predicted, double[] sureness) {
        Classification counted() {
            return Classification.of(truth, predicted);
        }

        Map<String, Double> figures() {
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("accuracy", counted().accuracy());
            figures.put("f1", counted().average(Average.MACRO).f1());
            figures.put("matthews", counted().matthews());
            return figures;
        }
    }

    private Answers answers(Model model, LabelledImages examples, Table table, Precision precision) {
        int[] truth = labels.ids(table, ImageFolder.LABEL);
        int[] predicted = new int[truth.length];
        double[] sureness = new double[truth.length];
        double loss = Scores.each(model, examples, precision, scores -> {
            for (int row = 0; row < scores.examples().length; row++) {
                int example = scores.examples()[row];
                predicted[example] = scores.best(row);
                sureness[example] = scores.probability(row, truth[example]);
            }
        });
        return new Answers(loss, truth, predicted, sureness);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Answers answers = answers(model, validation, rows.validation(), precision);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricRow.LOSS, answers.loss());
        figures.putAll(answers.figures());
        return figures;
    }

    @Override
    public Criterion criterion() {
        return new Criterion(task.measure().name().toLowerCase(Locale.ROOT), true);
    }

    @Override
    public void complete(Path modelFolder) {
        base.complete(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        Answers answers;
        try (Model model = AutoModel.load(modelFolder)) {
            answers = answers(model, test, rows.test(), Precision.FLOAT32);
        }
        long[] counts = counts();
        int most = IntStream.range(0, counts.length).boxed()
                .max(Comparator.comparingLong(i -> counts[i])).orElseThrow();
        Answers constant = new Answers(0, answers.truth(),
                IntStream.of(answers.truth()).map(id -> most).toArray(), new double[0]);
        Map<String, Double> figures = answers.figures();
        String measure = task.measure().name().toLowerCase(Locale.ROOT);
        return new Outcome(
                String.format(Locale.ROOT, "%s %.2f %% on %,d %s images",
                        measure, 100 * MetricRow.figure(figures, measure), test.size(), rows.measured()),
                figures.keySet().stream().map(name -> new ReportData.Measure(name, "%", 2, true)).toList(),
                List.of(new ReportData.Result("this model", "", percent(figures)),
                        new ReportData.Result("most frequent class", "the class that most images to train on have",
                                percent(constant.figures()))),
                ReportData.Errors.of(
                        new ReportData.ConfusionMatrix(labels.labels(), answers.counted().confusion(labels.size())),
                        new ReportData.WorstExamples("probability of the expected label", worst(answers))));
    }

    private static List<Double> percent(Map<String, Double> figures) {
        return figures.values().stream().map(value -> 100 * value).toList();
    }

    private List<ReportData.WorstExample> worst(Answers answers) {
        List<String> files = rows.test().column(ImageFolder.IMAGE);
        List<ReportData.WorstExample> worst = new ArrayList<>();
        IntStream.range(0, test.size()).boxed()
                .sorted(Comparator.comparingDouble(i -> answers.sureness()[i]))
                .limit(task.evaluation().samples())
                .forEach(i -> worst.add(new ReportData.WorstExample(files.get(i),
                        labels.labels().get(answers.truth()[i]), labels.labels().get(answers.predicted()[i]),
                        answers.sureness()[i])));
        return worst;
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return new ReportData.Command("Say what an image shows", "./jformers run image-classification --model "
                + Shell.quoted(modelFolder.toString()) + " "
                + Shell.quoted(rows.test().column(ImageFolder.IMAGE).get(0)));
    }

    @Override
    public String unit() {
        return "images";
    }

    @Override
    public String pipelineTag() {
        return "image-classification";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
