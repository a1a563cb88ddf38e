package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.DataSource;
import org.jformers.data.Draw;
import org.jformers.data.EncodedTexts;
import org.jformers.data.RowEncoding;
import org.jformers.data.Table;
import org.jformers.data.TextTuples;
import org.jformers.data.TextTuples.Meeting;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.head.SentencePooling;
import org.jformers.objective.Objective;
import org.jformers.objective.SentenceSimilarity;
import org.jformers.objective.TextVectors;
import org.jformers.pipeline.SentenceModules;
import org.jformers.task.SentenceEmbedding.Data;
import org.jformers.task.SentenceEmbedding.Loss;
import org.jformers.task.SentenceEmbedding.Mining;
import org.jformers.tensor.Precision;
import org.jformers.training.Stateful;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Rows of texts that belong together, or of pairs with scores. */
final class PreparedSentenceEmbedding implements PreparedTask {
    private final SentenceEmbedding task;
    private final TextModel base;
    private final SentenceModules modules;
    private final Console console;
    private final TextFiles files;
    private final SentenceRows trained;
    private final SentenceRows validation;
    private final SentenceRows test;
    private final TextTuples training;
    private final TextTuples watched;
    private final MinedNegatives mined = new MinedNegatives();

    PreparedSentenceEmbedding(SentenceEmbedding task, RunStart start, Console console) {
        this.task = task;
        this.console = console;
        Data data = task.data();
        base = TextModel.body(start);
        Optional<SentenceModules> found = SentenceModules.find(start.folder().orElseThrow());
        RowEncoding encoding = encoding(found);
        modules = new SentenceModules(
                new SentencePooling(
                        task.pooling() != null ? task.pooling() : found.map(modules -> modules.pooling().kind())
                                .orElse(SentencePooling.Kind.MEAN),
                        task.normalize() != null ? task.normalize() : found.map(modules ->
                                modules.pooling().normalized()).orElse(false)),
                OptionalInt.of(encoding.maxLength()));
        files = TextFiles.read(data.train(), data.validation(), data.test(), this::table, data.text(),
                start.experiment().seed(), console);
        OptionalDouble highest = highest();
        trained = rows(files.training(), highest, encoding);
        validation = rows(files.validation(), highest, encoding);
        test = files.test() == files.validation() ? validation : rows(files.test(), highest, encoding);
        console.say(String.format(Locale.ROOT, "vectors of %s%s, loss %s",
                modules.pooling().kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                modules.pooling().normalized() ? ", of length 1" : "",
                task.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        TextFigures.lengths(console, trained.encoded().size(), trained.encoded()::length,
                trained.encoded().truncated(), encoding.maxLength());
        TextFigures.cut(console, "validation", validation.encoded().truncated(), encoding.maxLength());
        if (test != validation) {
            TextFigures.cut(console, "test", test.encoded().truncated(), encoding.maxLength());
        }
        training = training(trained);
        // Rows without a third text could not be watched.
        boolean needs = task.kind() == Loss.TRIPLET && task.mining().hardNegatives() > 0;
        watched = tuples(needs ? validation.withNegatives(mine(validation)) : validation);
    }

    private RowEncoding encoding(Optional<SentenceModules> found) {
        RowEncoding most = base.encoding(task.maxLength());
        OptionalInt said = found.map(SentenceModules::maxLength).orElse(OptionalInt.empty());
        return task.maxLength() == 0 && said.isPresent() && said.getAsInt() < most.maxLength()
                ? base.encoding(said.getAsInt())
                : most;
    }

    private Table table(Path file) {
        Data data = task.data();
        List<String> needed = new ArrayList<>(SentenceRows.columns(data));
        Optional.ofNullable(data.score()).ifPresent(needed::add);
        return Table.read(DataSource.of(file), needed, List.of());
    }

    /** By what scores are divided. */
    private OptionalDouble highest() {
        Data data = task.data();
        String scores = data.score();
        if (scores == null) {
            return OptionalDouble.empty();
        }
        if (data.highestScore() != null) {
            return OptionalDouble.of(data.highestScore());
        }
        double most = 1;
        for (Table table : files.tables()) {
            for (float score : table.numbers(scores)) {
                most = Math.max(most, score);
            }
        }
        if (most > 1) {
            console.say("scores are divided by " + SentenceRows.number(most) + ", the highest of them");
        }
        return OptionalDouble.of(most);
    }

    private SentenceRows rows(Table table, OptionalDouble highest, RowEncoding encoding) {
        SentenceRows rows = SentenceRows.of(table, task.data(), highest, encoding, task.batch());
        String score = task.data().score();
        if (task.kind().binary() && score != null) {
            rows.requireBinary(table, score, task.kind().name().toLowerCase(Locale.ROOT));
        }
        return rows;
    }

    private TextTuples training(SentenceRows rows) {
        if (task.mining().hardNegatives() == 0) {
            return tuples(rows);
        }
        if (minesEachEpoch()) {
            return tuples(rows).withNegatives(mined);
        }
        int[][] found = mine(rows);
        return task.kind() == Loss.TRIPLET
                ? tuples(rows.withNegatives(found))
                : tuples(rows).withNegatives((row, epoch) -> found[row]);
    }

    /** By the model that the run starts from. */
    private int[][] mine(SentenceRows rows) {
        try (Model model = model()) {
            return mine(model, rows, 0);
        }
    }

    private int[][] mine(Model model, SentenceRows rows, int epoch) {
        TextVectors vectors = TextVectors.of(model, modules.pooling(), rows.encoded(), Precision.FLOAT32);
        int[][] found = HardNegatives.of(
                vectors, rows.rows(), task.mining(), new Draw(base.start().experiment().seed(), epoch));
        long count = Arrays.stream(found).mapToLong(negatives -> negatives.length).sum();
        long fewer = Arrays.stream(found).filter(some -> some.length < task.mining().hardNegatives()).count();
        console.say(String.format(Locale.ROOT, "%,d hard negatives found for %,d rows; %,d rows have fewer than %d",
                count, found.length, fewer, task.mining().hardNegatives()));
        if (count == 0) {
            throw new ExperimentException("task.mining: no hard negatives found, allowed settings that refuse fewer");
        }
        return found;
    }

    private boolean minesEachEpoch() {
        return task.mining().hardNegatives() > 0 && task.mining().mined() == Mining.When.EACH_EPOCH;
    }

    @Override
    public void beginEpoch(int epoch, Model model) {
        if (minesEachEpoch() && !mined.has(epoch)) {
            mined.put(epoch, mine(model, trained, epoch));
        }
    }

    @Override
    public List<Stateful> stateful() {
        return minesEachEpoch() ? List.of(mined) : List.of();
    }

    private TextTuples tuples(SentenceRows rows) {
        TextTuples tuples = TextTuples.of(rows.encoded(),
                task.kind() == Loss.TRIPLET ? rows.triples() : rows.rows(),
                task.kind() == Loss.IN_BATCH_NEGATIVES ? Meeting.NO_DUPLICATES : Meeting.ANY, task.batch());
        return rows.scores().map(tuples::withScores).orElse(tuples);
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Iterable<Batch> validation() {
        return watched.evaluationBatches();
    }

    @Override
    public Model model() {
        return base.start().load(LoadRequest.of(base.task()));
    }

    @Override
    public Objective objective(Model model) {
        return new SentenceSimilarity(model, modules.pooling(), task.measured());
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>(measure(model, precision, validation()));
        figures.putAll(answers(model, modules.pooling(), validation, precision).figures());
        return figures;
    }

    private static SentenceAnswers answers(
            Model model, SentencePooling pooling, SentenceRows rows, Precision precision) {
        return SentenceAnswers.of(rows, TextVectors.of(model, pooling, rows.encoded(), precision));
    }

    @Override
    public Criterion criterion() {
        return new Criterion(task.figure().name().toLowerCase(Locale.ROOT), true);
    }

    @Override
    public void complete(Path modelFolder) {
        base.tokenizer().save(modelFolder);
        modules.save(modelFolder, width(modelFolder));
    }

    /** Components of a vector. */
    private int width(Path modelFolder) {
        EncodedTexts one = EncodedTexts.of(test.texts().subList(0, 1), base.encoding(task.maxLength()), 1);
        try (Model model = AutoModel.load(modelFolder)) {
            return TextVectors.of(model, modules.pooling(), one, Precision.FLOAT32).width();
        }
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        SentenceAnswers after;
        try (Model model = AutoModel.load(modelFolder)) {
            after = answers(model, SentenceModules.find(modelFolder).orElseThrow().pooling(), test, Precision.FLOAT32);
        }
        Map<String, Double> before;
        try (Model model = model()) {
            before = answers(model, modules.pooling(), test, Precision.FLOAT32).figures();
        }
        Map<String, Double> figures = after.figures();
        String measure = task.figure().name().toLowerCase(Locale.ROOT);
        return new Outcome(
                String.format(Locale.ROOT, "%s %.4f on %,d %s rows, %.4f before training", measure,
                        MetricRow.figure(figures, measure), test.size(), files.measured(), before.get(measure)),
                figures.keySet().stream().map(name -> new ReportData.Measure(name, "", 4, true)).toList(),
                List.of(new ReportData.Result("this model", "", List.copyOf(figures.values())),
                        new ReportData.Result("before training", "the model that the run started from",
                                List.copyOf(before.values()))),
                after.errors(task.evaluation().samples()));
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        int[] row = test.rows()[0];
        return new ReportData.Command("Say how alike texts are", "./jformers run sentence-similarity --model "
                + Shell.quoted(modelFolder.toString()) + " --source "
                + Shell.quoted(TextFigures.shortened(test.texts().get(row[0]))) + " "
                + Shell.quoted(TextFigures.shortened(test.texts().get(row[1]))));
    }

    @Override
    public String unit() {
        return "rows";
    }

    @Override
    public String pipelineTag() {
        return "sentence-similarity";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
