package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.Noise;
import org.jformers.data.NoisedTexts;
import org.jformers.data.Table;
import org.jformers.data.TokenSequences;
import org.jformers.experiment.Console;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.objective.Objective;
import org.jformers.objective.Scores;
import org.jformers.tensor.Precision;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Texts that are spoiled, for an encoder-decoder. */
final class PreparedDenoising implements PreparedTask {
    private static final List<ReportData.Measure> MEASURES = List.of(
            new ReportData.Measure("loss", "", 4, false),
            new ReportData.Measure("perplexity", "", 2, false),
            new ReportData.Measure("accuracy", "%", 2, true));

    private final Denoising task;
    private final RunStart start;
    private final HeldOut rows;
    private final DenoisingModel language;
    private final NoisedTexts training;
    private final NoisedTexts validation;
    private final NoisedTexts test;
    private final Map<String, BatchedExamples> watched = new LinkedHashMap<>();

    PreparedDenoising(Denoising task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        // What does not fit the model shows before the data is read.
        Optional<DenoisingModel> folder = start.folder().map(path -> DenoisingModel.of(start, task.maxLength()));
        folder.ifPresent(model -> model.noise(task));
        rows = HeldOut.texts(task.data(), start.experiment().seed());
        console.say(rows.toString());
        language = folder.orElseGet(() -> DenoisingModel.create(
                start, task.vocabSize(), task.maxLength(), rows.training().column(task.data().text())));
        Noise noise = language.noise(task);
        training = examples(rows.training(), noise);
        validation = examples(rows.validation(), noise);
        test = rows.test() == rows.validation() ? validation : examples(rows.test(), noise);
        HeldOut.watched(task.data()).forEach((name, table) -> watched.put(name, examples(table, noise)));
        TextFigures.lengths(console, training.size(), training::length, 0, language.room());
        console.say(String.format(Locale.ROOT, "vocabulary of %,d tokens; %,d texts in %,d rows to train on, %,d in"
                        + " %,d to validate on",
                language.tokenizer().vocabSize(), rows.training().size(), training.size(), rows.validation().size(),
                validation.size()));
    }

    private NoisedTexts examples(Table table, Noise noise) {
        return new NoisedTexts(TokenSequences.encodePlain(table.column(task.data().text()), language.tokenizer()),
                noise, language.frame(), language.room(), task.batch());
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Map<String, Iterable<Batch>> watched() {
        Map<String, Iterable<Batch>> batches = new LinkedHashMap<>();
        watched.forEach((name, examples) -> batches.put(name, examples.evaluationBatches()));
        return batches;
    }

    @Override
    public Iterable<Batch> validation() {
        return validation.evaluationBatches();
    }

    @Override
    public Model model() {
        return language.model();
    }

    @Override
    public Objective objective(Model model) {
        return new org.jformers.objective.SequenceToSequence(model);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>(measure(model, precision, validation()));
        figures.put("perplexity", Math.exp(MetricRow.figure(figures, MetricRow.LOSS)));
        return figures;
    }

    @Override
    public void complete(Path modelFolder) {
        language.complete(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        List<ReportData.Result> results = new ArrayList<>();
        List<ReportData.Sample> samples = new ArrayList<>();
        Map<String, Double> ours;
        try (Model model = AutoModel.load(modelFolder)) {
            ours = measure(model, Precision.FLOAT32, test.evaluationBatches());
            results.add(new ReportData.Result("this model", "", values(ours)));
            for (int row = 0; row < Math.min(task.evaluation().samples(), test.size()); row++) {
                Scores.some(model, test, new int[] {row}, scores -> samples.add(sample(scores)));
            }
        }
        start.before(this::model, model -> values(measure(model, Precision.FLOAT32, test.evaluationBatches())))
                .ifPresent(results::add);
        double loss = MetricRow.figure(ours, MetricRow.LOSS);
        return new Outcome(
                String.format(Locale.ROOT, "accuracy %.2f %% of the tokens to write, perplexity %.2f, of %,d held-out"
                        + " texts", 100 * MetricRow.figure(ours, MetricRow.ACCURACY), Math.exp(loss),
                        rows.test().size()),
                MEASURES, results, samples, List.of());
    }

    private static List<Double> values(Map<String, Double> figures) {
        double loss = MetricRow.figure(figures, MetricRow.LOSS);
        return List.of(loss, Math.exp(loss), 100 * MetricRow.figure(figures, MetricRow.ACCURACY));
    }

    /** A row as it is read, what is to be written, and what the model writes where it has written right so far. */
    private ReportData.Sample sample(Scores scores) {
        long[] read = scores.batch().longs("input_ids").values();
        long[] labels = scores.batch().longs("labels").values();
        return new ReportData.Sample(text(read.length, i -> (int) read[i]), text(labels.length, i -> (int) labels[i]),
                text(labels.length, scores::best));
    }

    private String text(int length, IntUnaryOperator id) {
        return language.tokenizer().decodeWithSpecialTokens(IntStream.range(0, length).map(id).toArray());
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return new ReportData.Command("Let the model write", "./jformers run text2text-generation --model "
                + Shell.quoted(modelFolder.toString()) + " "
                + Shell.quoted(rows.test().column(task.data().text()).get(0)));
    }

    @Override
    public String pipelineTag() {
        return "text2text-generation";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
