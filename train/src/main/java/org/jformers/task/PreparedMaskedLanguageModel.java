package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.Batch;
import org.jformers.data.MaskedPairs;
import org.jformers.data.MaskedTexts;
import org.jformers.data.RowEncoding;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.head.PretrainingHead;
import org.jformers.nn.Parameter;
import org.jformers.objective.Classification;
import org.jformers.objective.Objective;
import org.jformers.objective.Scores;
import org.jformers.objective.SentencePairs;
import org.jformers.task.MaskedLanguageModel.Pairs;
import org.jformers.tensor.Precision;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Texts of which a share of the tokens is hidden. */
final class PreparedMaskedLanguageModel implements PreparedTexts {
    private static final List<ReportData.Measure> MEASURES = List.of(
            new ReportData.Measure("loss", "", 4, false),
            new ReportData.Measure("pseudo-perplexity", "", 2, false),
            new ReportData.Measure("accuracy", "%", 2, true));

    /** The figure for the share of pairs that are told right. */
    private static final String PAIRS = PretrainingHead.SENTENCES + "_accuracy";

    private final MaskedLanguageModel task;
    private final RunStart start;
    private final Console console;
    private final TextModel base;
    private final Optional<MaskedPairs.Pairing> pairing;
    private final TextExamples texts;
    private boolean saidHead;

    PreparedMaskedLanguageModel(MaskedLanguageModel task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        this.console = console;
        base = TextModel.of(start, task.pairs() == Pairs.NONE ? Task.MASKED_LM : Task.PRETRAINING);
        pairing = task.pairs() == Pairs.NONE ? Optional.empty() : Optional.of(pairing());
        RowEncoding encoding = base.encoding(task.maxLength());
        if (base.tokenizer().specialTokens().mask().isEmpty()) {
            throw new ExperimentException("model.from: got " + start.experiment().model().from()
                    + ", whose tokenizer has no mask token, allowed models with one");
        }
        MaskedTexts.Hiding hiding = new MaskedTexts.Hiding(task.maskShare(), task.hidden());
        texts = TextExamples.of(task.data(), start.experiment().seed(), encoding.maxLength(), some ->
                pairing.isPresent()
                        ? MaskedPairs.of(some, encoding, pairing.get(), hiding, task.batch())
                        : MaskedTexts.of(some, encoding, hiding, task.batch()), console);
        if (texts.training() instanceof MaskedPairs pairs && pairs.alone() > 0) {
            console.say(String.format(Locale.ROOT, "%,d stretches of text are one sentence alone: %s", pairs.alone(),
                    task.pairs() == Pairs.NEXT_SENTENCE ? "what follows them is never theirs" : "left out"));
        }
    }

    private MaskedPairs.Pairing pairing() {
        String field = SentencePairs.field(AutoModel.inputs(base.config(), Task.PRETRAINING)).orElseThrow(() ->
                new ExperimentException("task.pairs: got " + task.pairs().name().toLowerCase(Locale.ROOT) + " for "
                        + start.experiment().model().from() + ", which has no head for pairs, allowed none"));
        return new MaskedPairs.Pairing(task.pairs() == Pairs.NEXT_SENTENCE
                ? MaskedPairs.Relation.NEXT_SENTENCE
                : MaskedPairs.Relation.SENTENCE_ORDER, field, task.sentences());
    }

    @Override
    public TextExamples texts() {
        return texts;
    }

    @Override
    public Model model() {
        Model model = start.load(LoadRequest.of(base.task()).withMode(LoadMode.NEW_HEAD));
        long random = model.network().parameters().values().stream().filter(Parameter::random)
                .mapToLong(Parameter::size).sum();
        if (random > 0 && !saidHead) {
            saidHead = true;
            console.say(String.format(Locale.ROOT, "warning: the model has no head for hidden tokens%s; a new one"
                    + " starts at random, %,d parameters", pairing.isPresent() ? " and pairs" : "", random));
        }
        return model;
    }

    @Override
    public Objective objective(Model model) {
        return pairing.isPresent() ? new SentencePairs(model) : new Classification(model);
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>(measure(model, precision, validation()));
        figures.put("pseudo_perplexity", Math.exp(MetricRow.figure(figures, MetricRow.LOSS)));
        return figures;
    }

    @Override
    public void complete(Path modelFolder) {
        base.tokenizer().save(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        List<ReportData.Result> results = new ArrayList<>();
        List<ReportData.Sample> samples;
        Map<String, Double> ours;
        try (Model model = AutoModel.load(modelFolder)) {
            ours = measure(model, Precision.FLOAT32, texts.test().evaluationBatches());
            results.add(new ReportData.Result("this model", "", values(ours)));
            samples = samples(model);
        }
        start.before(this::model, model -> values(measure(model, Precision.FLOAT32, texts.test().evaluationBatches())))
                .ifPresent(results::add);
        String ofPairs = pairing.isEmpty() ? "" : String.format(
                Locale.ROOT, ", %.2f %% of the pairs", 100 * MetricRow.figure(ours, PAIRS));
        return new Outcome(
                String.format(Locale.ROOT, "accuracy %.2f %% of the hidden tokens%s, pseudo-perplexity %.2f, of %,d"
                                + " held-out texts",
                        100 * MetricRow.figure(ours, MetricRow.ACCURACY), ofPairs,
                        Math.exp(MetricRow.figure(ours, MetricRow.LOSS)), texts.rows().test().size()),
                measures(), results, samples, List.of());
    }

    private List<ReportData.Measure> measures() {
        List<ReportData.Measure> measures = new ArrayList<>(MEASURES);
        pairing.ifPresent(pairs -> measures.add(new ReportData.Measure("accuracy of pairs", "%", 2, true)));
        return measures;
    }

    private List<Double> values(Map<String, Double> figures) {
        double loss = MetricRow.figure(figures, MetricRow.LOSS);
        List<Double> values = new ArrayList<>(
                List.of(loss, Math.exp(loss), 100 * MetricRow.figure(figures, MetricRow.ACCURACY)));
        pairing.ifPresent(pairs -> values.add(100 * MetricRow.figure(figures, PAIRS)));
        return values;
    }

    /** Some rows with what is hidden in them, and what the model puts there. */
    private List<ReportData.Sample> samples(Model model) {
        List<ReportData.Sample> samples = new ArrayList<>();
        for (int row = 0; row < Math.min(task.evaluation().samples(), texts.test().size()); row++) {
            Scores.some(model, texts.test(), new int[] {row}, scores -> samples.add(sample(scores)));
        }
        return samples;
    }

    private ReportData.Sample sample(Scores scores) {
        Tokenizer tokenizer = base.tokenizer();
        long[] ids = scores.batch().longs("input_ids").values();
        long[] labels = scores.batch().longs("labels").values();
        int[] hidden = IntStream.range(0, ids.length).filter(i -> labels[i] != Batch.IGNORED_LABEL).toArray();
        return new ReportData.Sample(
                tokenizer.decodeWithSpecialTokens(IntStream.range(0, ids.length).map(i -> (int) ids[i]).toArray()),
                tokens(hidden, i -> (int) labels[i]), tokens(hidden, scores::best));
    }

    private String tokens(int[] places, IntUnaryOperator id) {
        return IntStream.of(places).mapToObj(i -> base.tokenizer().token(id.applyAsInt(i)))
                .collect(Collectors.joining(" "));
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        String mask = base.tokenizer().token(base.tokenizer().specialTokens().mask().orElseThrow());
        return new ReportData.Command("Let the model fill a gap", "./jformers run fill-mask --model "
                + Shell.quoted(modelFolder.toString()) + " " + Shell.quoted("It is " + mask + "."));
    }

    @Override
    public String pipelineTag() {
        return "fill-mask";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }
}
