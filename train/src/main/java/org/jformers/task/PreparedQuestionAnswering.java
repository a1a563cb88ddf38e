package org.jformers.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.Questions;
import org.jformers.data.Questions.Question;
import org.jformers.data.RowEncoding;
import org.jformers.evaluation.metric.Squad;
import org.jformers.experiment.Console;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.objective.Classification;
import org.jformers.objective.Objective;
import org.jformers.pipeline.QuestionWindows;
import org.jformers.pipeline.SpanSearch;
import org.jformers.pipeline.SpanSearch.Found;
import org.jformers.task.QuestionAnswering.Evaluation;
import org.jformers.task.QuestionSet.Answered;
import org.jformers.tensor.Precision;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Questions with contexts and answers. */
final class PreparedQuestionAnswering implements PreparedTask {
    /** Tokens of a window where the settings name none, as in the reference. */
    private static final int USUAL_LENGTH = 384;

    private final QuestionAnswering task;
    private final TextModel base;
    private final String measured;
    private final QuestionSet training;
    private final QuestionSet validation;
    private final QuestionSet test;
    private final SpanSearch search;
    /** Whether there are questions without an answer, so that none is an answer. */
    private final boolean mayBeNone;

    PreparedQuestionAnswering(QuestionAnswering task, RunStart start, Console console) {
        this.task = task;
        base = TextModel.of(start, Task.QUESTION_ANSWERING);
        RowEncoding encoding = encoding();
        QuestionWindows cutting = new QuestionWindows(base.tokenizer(), encoding.maxLength(), task.stride());
        QuestionFiles files = QuestionFiles.read(task.data(), start.experiment().seed(), console);
        measured = files.measured();
        long unanswerable = Stream.of(files.training(), files.validation(), files.test())
                .flatMap(questions -> questions.questions().stream())
                .filter(question -> question.answers().isEmpty()).count();
        mayBeNone = unanswerable > 0;
        console.say(mayBeNone ? "some questions have no answer: there may be none" : "all questions have an answer");
        training = QuestionSet.toLearn(files.training(), cutting, encoding, task.batch(), console);
        validation = QuestionSet.toAnswer(
                files.validation(), cutting, encoding, task.batch(), "to validate on", console);
        test = files.test() == files.validation()
                ? validation
                : QuestionSet.toAnswer(files.test(), cutting, encoding, task.batch(), "for the result", console);
        search = new SpanSearch(task.evaluation().nBest(), task.evaluation().maxAnswerLength());
    }

    private RowEncoding encoding() {
        RowEncoding encoding = base.encoding(task.maxLength());
        return task.maxLength() == 0 && encoding.maxLength() > USUAL_LENGTH
                ? base.encoding(USUAL_LENGTH)
                : encoding;
    }

    @Override
    public BatchedExamples training() {
        return training.windows();
    }

    @Override
    public Iterable<Batch> validation() {
        return validation.windows().evaluationBatches();
    }

    /** The reference has as many scores as the configuration has labels, whatever these are. */
    @Override
    public Model model() {
        return base.start().load(LoadRequest.of(Task.QUESTION_ANSWERING).withLabels(List.of("LABEL_0", "LABEL_1"))
                .withMode(LoadMode.REPLACED_HEAD));
    }

    @Override
    public Objective objective(Model model) {
        return new Classification(model);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Answered answered = validation.answer(model, precision, search, mayBeNone);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricRow.LOSS, answered.loss());
        figures(judged(validation, answered, task.evaluation().nullThreshold()))
                .forEach((name, percent) -> figures.put(name, percent / 100));
        return figures;
    }

    @Override
    public Criterion criterion() {
        return new Criterion(measure(), true);
    }

    private String measure() {
        return task.measure().name().toLowerCase(Locale.ROOT);
    }

    private Squad judged(QuestionSet set, Answered answered, double nullThreshold) {
        List<Question> questions = set.questions().questions();
        return Squad.of(IntStream.range(0, questions.size())
                .mapToObj(i -> answer(questions.get(i), text(answered.found().get(i), nullThreshold))).toList());
    }

    private static Squad.Answer answer(Question question, String text) {
        return new Squad.Answer(question.answers().stream().map(Questions.Answer::text).toList(), text, 0);
    }

    private String text(Found found, double nullThreshold) {
        return mayBeNone && found.noneAbove() > nullThreshold ? "" : found.answer();
    }

    /** In percent, by the names of logs. */
    private static Map<String, Double> figures(Squad judged) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("exact", judged.all().exact());
        figures.put("f1", judged.all().f1());
        if (judged.unanswerable().isPresent()) {
            judged.answerable().ifPresent(some -> {
                figures.put("has_ans_exact", some.exact());
                figures.put("has_ans_f1", some.f1());
            });
            figures.put("no_ans_exact", judged.unanswerable().get().exact());
        }
        return figures;
    }

    @Override
    public void complete(Path modelFolder) {
        base.tokenizer().save(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        Evaluation evaluation = task.evaluation();
        Answered answered;
        try (Model model = AutoModel.load(modelFolder)) {
            answered = test.answer(model, Precision.FLOAT32, search, mayBeNone);
        }
        write(modelFolder, answered);
        Map<String, Double> figures = figures(judged(test, answered, evaluation.nullThreshold()));
        List<ReportData.Result> results = new ArrayList<>();
        results.add(new ReportData.Result("this model", "", List.copyOf(figures.values())));
        if (mayBeNone) {
            results.add(bestThreshold(answered));
        }
        results.add(new ReportData.Result(mayBeNone ? "no answer" : "the whole context", "to every question",
                List.copyOf(figures(Squad.of(test.questions().questions().stream()
                        .map(question -> answer(question, mayBeNone ? "" : question.context())).toList())).values())));
        return new Outcome(
                String.format(Locale.ROOT, "exact %.2f %%, f1 %.2f %% on %,d %s questions", figures.get("exact"),
                        figures.get("f1"), test.questions().size(), measured),
                figures.keySet().stream()
                        .map(name -> new ReportData.Measure(name.replace('_', ' '), "%", 2, true)).toList(),
                results, ReportData.Errors.of(new ReportData.WorstExamples(
                        "probability of the answer found, the least right ones first", worst(answered))));
    }

    /** What another threshold for no answer would give; of the rows that it is chosen on. */
    private ReportData.Result bestThreshold(Answered answered) {
        List<Question> questions = test.questions().questions();
        double threshold = Squad.of(IntStream.range(0, questions.size()).mapToObj(i -> {
            Found found = answered.found().get(i);
            return new Squad.Answer(answer(questions.get(i), "").accepted(), found.answer(), found.noneAbove());
        }).toList(), Double.MAX_VALUE).bestF1().threshold();
        return new ReportData.Result("with a null threshold of " + String.format(Locale.ROOT, "%.2f", threshold),
                "the best for f1 on these questions",
                List.copyOf(figures(judged(test, answered, threshold)).values()));
    }

    /** The files that SQuAD's evaluation takes, beside the model's folder. */
    private void write(Path modelFolder, Answered answered) {
        ObjectNode predictions = JsonNodeFactory.instance.objectNode();
        ObjectNode odds = JsonNodeFactory.instance.objectNode();
        List<Question> questions = test.questions().questions();
        for (int i = 0; i < questions.size(); i++) {
            Found found = answered.found().get(i);
            predictions.put(questions.get(i).id(), text(found, task.evaluation().nullThreshold()));
            odds.put(questions.get(i).id(), found.noneAbove());
        }
        write(modelFolder.resolveSibling("predictions.json"), predictions);
        if (mayBeNone) {
            write(modelFolder.resolveSibling("null_odds.json"), odds);
        }
    }

    private static void write(Path file, ObjectNode json) {
        AtomicFile.write(file, (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private List<ReportData.WorstExample> worst(Answered answered) {
        List<Question> questions = test.questions().questions();
        double threshold = task.evaluation().nullThreshold();
        double[] right = IntStream.range(0, questions.size()).mapToDouble(i -> Squad.of(List.of(
                answer(questions.get(i), text(answered.found().get(i), threshold)))).all().f1()).toArray();
        return IntStream.range(0, questions.size()).boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> right[i])
                        .thenComparingDouble(i -> -answered.found().get(i).probability()))
                .limit(task.evaluation().samples())
                .map(i -> new ReportData.WorstExample(
                        questions.get(i).question() + " | " + questions.get(i).context(),
                        said(questions.get(i).answers().stream().map(Questions.Answer::text).distinct()
                                .collect(Collectors.joining(" / "))),
                        said(text(answered.found().get(i), threshold)), answered.found().get(i).probability()))
                .toList();
    }

    private static String said(String answer) {
        return answer.isEmpty() ? "no answer" : answer;
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        Question question = test.questions().questions().get(0);
        return new ReportData.Command("Answer a question", "./jformers run question-answering --model "
                + Shell.quoted(modelFolder.toString()) + " --question "
                + Shell.quoted(TextFigures.shortened(question.question())) + " "
                + Shell.quoted(TextFigures.shortened(question.context()).replaceAll("\\s+", " "))
                + (mayBeNone ? " --handle-impossible-answer" : ""));
    }

    @Override
    public String unit() {
        return "windows";
    }

    @Override
    public String pipelineTag() {
        return "question-answering";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
