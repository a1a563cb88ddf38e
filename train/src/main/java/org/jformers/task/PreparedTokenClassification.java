package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.DataException;
import org.jformers.data.LabelSet;
import org.jformers.data.RowEncoding;
import org.jformers.data.Split;
import org.jformers.data.TaggedSentences;
import org.jformers.data.TaggedTexts;
import org.jformers.evaluation.metric.Average;
import org.jformers.evaluation.metric.Classification;
import org.jformers.evaluation.metric.EntityF1;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.model.Model;
import org.jformers.model.ProblemType;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.objective.Objective;
import org.jformers.objective.Scores;
import org.jformers.objective.WeightedClassification;
import org.jformers.task.TokenClassification.Data;
import org.jformers.tensor.Precision;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Sentences with the tags of their words. */
final class PreparedTokenClassification implements PreparedTask {
    private static final String OUTSIDE = "O";

    private final TokenClassification task;
    private final TextModel base;
    private final Tokenizer tokenizer;
    private final LabelSet labels;
    private final TaggedTexts training;
    private final TaggedTexts validation;
    private final TaggedTexts test;
    private final TaggedSentences validationRows;
    private final TaggedSentences testRows;
    private final Optional<List<Double>> weights;
    private final String mostFrequent;

    PreparedTokenClassification(TokenClassification task, RunStart start, Console console) {
        this.task = task;
        Data data = task.data();
        base = TextModel.of(start, Task.TOKEN_CLASSIFICATION);
        // Where spaces belong to tokens, a word alone gets those that it has within a text.
        tokenizer = base.tokenizer().withPrefixSpace();
        TaggedSentences all = read(Checks.named("task.data.train", data.train()), "training", console);
        TaggedSentences trainingRows = all;
        if (data.validation() == null) {
            Split.Rows split = split(all, start.experiment().seed());
            trainingRows = all.select(split.train());
            validationRows = all.select(split.validation());
        } else {
            validationRows = read(data.validation(), "validation", console);
        }
        testRows = data.test() == null ? validationRows : read(data.test(), "test", console);
        console.say(String.format(Locale.ROOT, "%,d sentences to train on, %,d to validate on%s%s",
                trainingRows.size(), validationRows.size(), data.validation() == null ? ", held out" : "",
                data.test() == null ? "" : String.format(Locale.ROOT, ", %,d for the result", testRows.size())));
        labels = base.labels(LabelSet.ofTags(trainingRows));
        RowEncoding encoding = base.encoding(tokenizer, task.maxLength());
        training = examples(trainingRows, encoding);
        validation = examples(validationRows, encoding);
        test = testRows == validationRows ? validation : examples(testRows, encoding);
        long[] counts = counts(trainingRows);
        weights = ClassWeights.of(task.classWeights(), labels, counts);
        mostFrequent = labels.labels().get(IntStream.range(0, counts.length).boxed()
                .max(Comparator.comparingLong(i -> counts[i])).orElseThrow());
        console.say("tags: " + String.join(", ", IntStream.range(0, counts.length)
                .mapToObj(i -> String.format(Locale.ROOT, "%s (%,d)", labels.labels().get(i), counts[i])).toList()));
        TextFigures.lengths(console, training.size(), training::length, training.truncated(), encoding.maxLength());
        TextFigures.cut(console, "validation", validation.truncated(), encoding.maxLength());
        if (test != validation) {
            TextFigures.cut(console, "test", test.truncated(), encoding.maxLength());
        }
        if (training.truncatedWords() + training.emptyWords() > 0) {
            console.say(String.format(Locale.ROOT, "%,d words to train on were cut off, %,d have no token",
                    training.truncatedWords(), training.emptyWords()));
        }
    }

    private TaggedSentences read(String file, String what, Console console) {
        Data data = task.data();
        TaggedSentences sentences = data.text() == null || data.label() == null
                ? TaggedSentences.read(Path.of(file))
                : TaggedSentences.read(Path.of(file), data.text(), data.label());
        if (sentences.dropped() > 0) {
            console.say(String.format(
                    Locale.ROOT, "left out of the %s rows: %,d without words", what, sentences.dropped()));
        }
        return sentences;
    }

    private static Split.Rows split(TaggedSentences all, long seed) {
        try {
            return Split.rows(all.name(), "words", all.texts(), Split.Share.fraction(TextFiles.HELD_OUT),
                    Split.Share.count(0), seed);
        } catch (DataException e) {
            throw new ExperimentException(e.getMessage() + "; see task.data.validation", e);
        }
    }

    private TaggedTexts examples(TaggedSentences rows, RowEncoding encoding) {
        return TaggedTexts.of(rows.words(), labels.ids(rows), encoding, task.batch());
    }

    private long[] counts(TaggedSentences rows) {
        long[] counts = new long[labels.size()];
        Arrays.stream(labels.ids(rows)).flatMapToInt(Arrays::stream).forEach(id -> counts[id]++);
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
        return base.model(labels.labels(), ProblemType.SINGLE_LABEL_CLASSIFICATION);
    }

    @Override
    public Objective objective(Model model) {
        return weights.<Objective>map(some -> new WeightedClassification(model, some))
                .orElseGet(() -> new org.jformers.objective.Classification(model));
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Answers answers = answers(model, validation, validationRows, precision);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricRow.LOSS, answers.loss());
        figures.putAll(figures(validationRows, answers.tags()));
        return figures;
    }

    @Override
    public Criterion criterion() {
        return new Criterion(task.measure().name().toLowerCase(Locale.ROOT), true);
    }

    /** The tags that a model gives to sentences, and how sure it is of the right ones where it is least so. */
    private record Answers(double loss, List<List<String>> tags, double[] sureness) {}

    /** Words that the model does not see, since they were cut off, are outside of all entities. */
    private Answers answers(Model model, TaggedTexts examples, TaggedSentences rows, Precision precision) {
        String unseen = labels.labels().contains(OUTSIDE) ? OUTSIDE : mostFrequent;
        List<String[]> tags = new ArrayList<>();
        rows.words().forEach(words -> {
            String[] all = new String[words.size()];
            Arrays.fill(all, unseen);
            tags.add(all);
        });
        double[] sureness = new double[rows.size()];
        Arrays.fill(sureness, 1);
        double loss = Scores.each(model, examples, precision, scores -> {
            long[] right = scores.batch().longs("labels").values();
            int length = right.length / scores.examples().length;
            for (int row = 0; row < scores.examples().length; row++) {
                int example = scores.examples()[row];
                int[] words = examples.words(example);
                int word = 0;
                for (int place = row * length; place < (row + 1) * length; place++) {
                    if (right[place] != Batch.IGNORED_LABEL) {
                        tags.get(example)[words[word++]] = labels.labels().get(scores.best(place));
                        sureness[example] = Math.min(
                                sureness[example], scores.probability(place, (int) right[place]));
                    }
                }
            }
        });
        return new Answers(loss, tags.stream().map(List::of).toList(), sureness);
    }

    private Map<String, Double> figures(TaggedSentences rows, List<List<String>> tags) {
        return entities() ? entities(rows, tags) : words(rows, tags);
    }

    /** Whether tags make up entities, as B-PER, I-PER and O do; otherwise each stands for itself, as NOUN does. */
    private boolean entities() {
        return EntityF1.Scheme.CONLLEVAL.has(labels.labels());
    }

    private Map<String, Double> words(TaggedSentences rows, List<List<String>> tags) {
        Classification counted = Classification.of(flat(rows.tags()), flat(tags));
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("f1", counted.average(Average.MACRO).f1());
        figures.put("accuracy", counted.accuracy());
        return figures;
    }

    private int[] flat(List<List<String>> tags) {
        return tags.stream().flatMap(List::stream).mapToInt(tag -> labels.id(tag, () -> "tag")).toArray();
    }

    private static Map<String, Double> entities(TaggedSentences rows, List<List<String>> tags) {
        EntityF1 found = EntityF1.of(rows.tags(), tags, EntityF1.Scheme.CONLLEVAL);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("f1", found.all().f1());
        figures.put("precision", found.all().precision());
        figures.put("recall", found.all().recall());
        figures.put("accuracy", found.tokenAccuracy());
        return figures;
    }

    @Override
    public void complete(Path modelFolder) {
        tokenizer.save(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        Answers answers;
        try (Model model = AutoModel.load(modelFolder)) {
            answers = answers(model, test, testRows, Precision.FLOAT32);
        }
        Map<String, Double> figures = figures(testRows, answers.tags());
        List<List<String>> same = testRows.words().stream()
                .map(words -> Collections.nCopies(words.size(), mostFrequent)).toList();
        String measure = task.measure().name().toLowerCase(Locale.ROOT);
        return new Outcome(
                String.format(Locale.ROOT, "%s %.2f %% on %,d %s sentences", measure,
                        100 * MetricRow.figure(figures, measure),
                        testRows.size(), task.data().test() == null ? "validation" : "test"),
                figures.keySet().stream().map(name -> new ReportData.Measure(name, "%", 2, true)).toList(),
                List.of(new ReportData.Result("this model", "", percent(figures)),
                        new ReportData.Result("most frequent tag", "the tag " + mostFrequent + " at every word",
                                percent(figures(testRows, same)))),
                errors(answers));
    }

    private static List<Double> percent(Map<String, Double> figures) {
        return figures.values().stream().map(value -> 100 * value).toList();
    }

    /** Which tags are taken for which, and the sentences with the word of whose tag the model is least sure. */
    private ReportData.Errors errors(Answers answers) {
        List<String> texts = testRows.texts();
        List<ReportData.WorstExample> worst = IntStream.range(0, testRows.size()).boxed()
                .sorted(Comparator.comparingDouble(i -> answers.sureness()[i]))
                .limit(task.evaluation().samples())
                .map(i -> new ReportData.WorstExample(texts.get(i), String.join(" ", testRows.tags().get(i)),
                        String.join(" ", answers.tags().get(i)), answers.sureness()[i]))
                .toList();
        return ReportData.Errors.of(
                new ReportData.ConfusionMatrix(labels.labels(), Classification.of(
                        flat(testRows.tags()), flat(answers.tags())).confusion(labels.size())),
                new ReportData.WorstExamples("least probability of an expected tag", worst));
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return TextFigures.use("Tag texts", "token-classification", modelFolder, testRows.texts().get(0));
    }

    @Override
    public String unit() {
        return "words";
    }

    @Override
    public String pipelineTag() {
        return "token-classification";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
