package org.jformers.task;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.ChoiceQuestions;
import org.jformers.data.ChoiceQuestions.Columns;
import org.jformers.data.ChoiceQuestions.LabelForm;
import org.jformers.data.ChoiceTexts;
import org.jformers.data.RowEncoding;
import org.jformers.data.Table;
import org.jformers.evaluation.metric.Classification;
import org.jformers.experiment.Console;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.objective.Objective;
import org.jformers.objective.Scores;
import org.jformers.task.MultipleChoice.Data;
import org.jformers.tensor.Precision;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;
import org.jspecify.annotations.Nullable;

/** Questions with choices, of which one is right. */
final class PreparedMultipleChoice implements PreparedTask {
    private static final String ACCURACY = "accuracy";

    private final MultipleChoice task;
    private final TextModel base;
    private final Columns columns;
    private final TextFiles rows;
    private final ChoiceQuestions trainingQuestions;
    private final ChoiceQuestions validationQuestions;
    private final ChoiceQuestions testQuestions;
    private final ChoiceTexts training;
    private final ChoiceTexts validation;
    private final ChoiceTexts test;

    PreparedMultipleChoice(MultipleChoice task, RunStart start, Console console) {
        this.task = task;
        Data data = task.data();
        base = TextModel.of(start, Task.MULTIPLE_CHOICE);
        ChoiceFiles files = new ChoiceFiles(data);
        columns = files.columns();
        rows = TextFiles.read(data.train(), data.validation(), data.test(), file -> files.table(file, columns),
                columns.text(), start.experiment().seed(), console);
        LabelForm form = ChoiceQuestions.form(rows.training(), columns);
        trainingQuestions = ChoiceQuestions.of(rows.training(), columns, form);
        validationQuestions = ChoiceQuestions.of(rows.validation(), columns, form);
        testQuestions = rows.test() == rows.validation()
                ? validationQuestions
                : ChoiceQuestions.of(rows.test(), columns, form);
        RowEncoding encoding = base.encoding(task.maxLength());
        training = examples(rows.training(), trainingQuestions, encoding);
        validation = examples(rows.validation(), validationQuestions, encoding);
        test = testQuestions == validationQuestions
                ? validation
                : examples(rows.test(), testQuestions, encoding);
        describe(form, console);
        TextFigures.lengths(console, training.rows(), training::length, training.truncated(), encoding.maxLength());
        TextFigures.cut(console, "validation", validation.truncated(), encoding.maxLength());
        if (test != validation) {
            TextFigures.cut(console, "test", test.truncated(), encoding.maxLength());
        }
    }

    private ChoiceTexts examples(Table table, ChoiceQuestions questions, RowEncoding encoding) {
        Optional<List<String>> starts = columns.start().map(table::column);
        List<List<TextInput>> inputs = IntStream.range(0, questions.size())
                .mapToObj(i -> questions.choices().get(i).stream()
                        .map(choice -> TextInput.pair(questions.texts().get(i),
                                starts.map(start -> start.get(i) + " " + choice).orElse(choice)))
                        .toList())
                .toList();
        return ChoiceTexts.of(inputs, questions.right(), encoding, task.batch());
    }

    private void describe(LabelForm form, Console console) {
        Map<Integer, Long> counts = trainingQuestions.choices().stream()
                .collect(Collectors.groupingBy(List::size, TreeMap::new, Collectors.counting()));
        console.say("choices: " + counts.entrySet().stream()
                .map(count -> String.format(Locale.ROOT, "%d (%,d)", count.getKey(), count.getValue()))
                .collect(Collectors.joining(", ")) + "; " + columns.label() + " tells the right one by its "
                + form.name().toLowerCase(Locale.ROOT));
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
        return base.start().load(LoadRequest.of(Task.MULTIPLE_CHOICE).withMode(LoadMode.REPLACED_HEAD));
    }

    @Override
    public Objective objective(Model model) {
        return new org.jformers.objective.Classification(model);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Answers answers = answers(model, validation, validationQuestions, precision);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricRow.LOSS, answers.loss());
        figures.put(ACCURACY, accuracy(validationQuestions, answers.chosen()));
        return figures;
    }

    @Override
    public Criterion criterion() {
        return new Criterion(ACCURACY, true);
    }

    /** What a model chooses, and how sure it is of the right choices. */
    private record Answers(double loss, int[] chosen, double[] sureness) {}

    private static Answers answers(
            Model model, ChoiceTexts examples, ChoiceQuestions questions, Precision precision) {
        int[] chosen = new int[examples.size()];
        double[] sureness = new double[chosen.length];
        double loss = Scores.each(model, examples, precision, scores -> {
            for (int row = 0; row < scores.examples().length; row++) {
                int question = scores.examples()[row];
                chosen[question] = scores.best(row);
                sureness[question] = scores.probability(row, questions.right()[question]);
            }
        });
        return new Answers(loss, chosen, sureness);
    }

    private static double accuracy(ChoiceQuestions questions, int[] chosen) {
        return Classification.of(questions.right(), chosen).accuracy();
    }

    @Override
    public void complete(Path modelFolder) {
        base.tokenizer().save(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        Answers answers;
        try (Model model = AutoModel.load(modelFolder)) {
            answers = answers(model, test, testQuestions, Precision.FLOAT32);
        }
        double accuracy = 100 * accuracy(testQuestions, answers.chosen());
        return new Outcome(
                String.format(Locale.ROOT, "accuracy %.2f %% on %,d %s questions", accuracy, test.size(),
                        rows.measured()),
                List.of(new ReportData.Measure(ACCURACY, "%", 2, true)),
                List.of(new ReportData.Result("this model", "", List.of(accuracy)),
                        new ReportData.Result("chance", "", List.of(100 * testQuestions.choices().stream()
                                .mapToDouble(choices -> 1.0 / choices.size()).average().orElseThrow())),
                        new ReportData.Result("most frequent place", "where most right choices to train on stand",
                                List.of(100 * accuracy(testQuestions, mostFrequent())))),
                errors(answers));
    }

    /** One place for all questions; those that have fewer choices are answered wrongly. */
    private int[] mostFrequent() {
        int[] chosen = new int[testQuestions.size()];
        long[] counts = new long[most(trainingQuestions)];
        Arrays.stream(trainingQuestions.right()).forEach(place -> counts[place]++);
        Arrays.fill(chosen, IntStream.range(0, counts.length).boxed()
                .max(Comparator.comparingLong(place -> counts[place])).orElseThrow());
        return chosen;
    }

    private static int most(ChoiceQuestions questions) {
        return questions.choices().stream().mapToInt(List::size).max().orElseThrow();
    }

    /** Which places are taken for which, and the questions of whose right choice the model is least sure. */
    private ReportData.Errors errors(Answers answers) {
        int places = most(testQuestions);
        List<ReportData.WorstExample> worst = IntStream.range(0, test.size()).boxed()
                .sorted(Comparator.comparingDouble(i -> answers.sureness()[i]))
                .limit(task.evaluation().samples())
                .map(i -> new ReportData.WorstExample(
                        TextFigures.input(rows.test(), columns.text(), columns.start(), i),
                        testQuestions.choices().get(i).get(testQuestions.right()[i]),
                        testQuestions.choices().get(i).get(answers.chosen()[i]), answers.sureness()[i]))
                .toList();
        return ReportData.Errors.of(
                new ReportData.ConfusionMatrix(
                        IntStream.rangeClosed(1, places).mapToObj(place -> "choice " + place).toList(),
                        Classification.of(testQuestions.right(), answers.chosen()).confusion(places)),
                new ReportData.WorstExamples("probability of the right choice", worst));
    }

    /** The same settings from this model on; no pipeline chooses. */
    @Override
    public ReportData.Command use(Path modelFolder) {
        Data data = task.data();
        Map<String, @Nullable String> flags = new LinkedHashMap<>();
        flags.put("train", data.train());
        flags.put("text", data.text());
        flags.put("start", data.start());
        flags.put("choices", data.choices());
        flags.put("label", data.label());
        flags.put("columns", data.columns());
        return new ReportData.Command("Train it further", "./jformers finetune "
                + Shell.quoted(modelFolder.toString()) + " --task multiple-choice" + flags.entrySet().stream()
                .filter(flag -> flag.getValue() != null)
                .map(flag -> " --" + flag.getKey() + " " + Shell.quoted(flag.getValue()))
                .collect(Collectors.joining()));
    }

    /** There is no pipeline for them. */
    @Override
    public boolean served() {
        return false;
    }

    @Override
    public String unit() {
        return "questions";
    }

    @Override
    public String pipelineTag() {
        return "multiple-choice";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
