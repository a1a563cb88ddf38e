package org.jformers.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.DialogueRows;
import org.jformers.data.DialogueTokens;
import org.jformers.data.Dialogues;
import org.jformers.evaluation.metric.DialogueF1;
import org.jformers.experiment.Console;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.objective.BatchTensors;
import org.jformers.objective.DoubleHeads;
import org.jformers.objective.Objective;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Dialogues as rows, and the measures of ConvAI2: hits@1, perplexity and F1. */
final class PreparedDialogue implements PreparedTask {
    static final String SHIPPED = "small-talk";

    private static final int LONGEST = 512;
    private static final int REPLY_TOKENS = 20;
    private static final String HITS = "hits_at_1";

    private final Dialogue task;
    private final RunStart start;
    private final Dialogues dialogues;
    private final Tokenizer tokenizer;
    private final DialogueTokens tokens;
    private final DialogueRows training;
    private final DialogueRows validation;

    PreparedDialogue(Dialogue task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        dialogues = task.data().train().equals(SHIPPED)
                ? Dialogues.of(shipped(), SHIPPED)
                : Dialogues.read(Path.of(task.data().train()));
        Optional<TextModel> base = start.folder().map(path -> TextModel.of(start, Task.DOUBLE_HEADS));
        tokenizer = base.map(model -> model.tokenizer().withSpecialTokens(special())).orElseGet(this::vocabulary);
        int room = base.map(model -> model.room(task.maxLength(), LONGEST)).orElseGet(this::room);
        tokens = new DialogueTokens(tokenizer, task.history(), room);
        training = DialogueRows.of(dialogues.training(), form(task.candidates(), task.permutations()));
        validation = DialogueRows.of(dialogues.validation(), form(0, 1));
        console.say(String.format(Locale.ROOT, "%,d replies to train on, each with %d candidates; %,d to measure on,"
                        + " with %d; vocabulary of %,d tokens", training.size(), training.candidates(),
                validation.size(), validation.candidates(), tokenizer.vocabSize()));
    }

    private DialogueRows.Form form(int candidates, int permutations) {
        return new DialogueRows.Form(
                tokens, candidates, permutations, task.types() == Dialogue.Types.SPEAKERS, task.batch());
    }

    static String[] special() {
        return DialogueTokens.special().toArray(String[]::new);
    }

    private static String shipped() {
        try (InputStream in = Objects.requireNonNull(Dialogues.class.getResourceAsStream(SHIPPED + ".json"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** That of a new model, made from what is said. */
    private Tokenizer vocabulary() {
        return ByteLevelBpeTrainer.builder().vocabSize(task.data().vocabulary()).specialTokens(special()).build()
                .train(dialogues.training().stream()
                        .flatMap(reply -> Stream.concat(reply.persona().stream(), reply.candidates().stream()))
                        .toList());
    }

    private int room() {
        ObjectNode config = start.experiment().model().config();
        Checks.positions("task.max_length", task.maxLength(), config);
        return task.maxLength() > 0 ? task.maxLength() : Math.min(LONGEST, Checks.positions(config).orElse(LONGEST));
    }

    private int id(String token) {
        return tokenizer.id(token).orElseThrow();
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Iterable<Batch> validation() {
        return validation.evaluationBatches();
    }

    /** With rows for the new tokens, where the model has none. */
    @Override
    public Model model() {
        if (start.folder().isEmpty()) {
            return start.create(VocabularyKeys.languageModel(start.experiment().model().config(),
                    tokenizer.vocabSize(), id(DialogueTokens.END)), Task.DOUBLE_HEADS);
        }
        Model loaded = start.load(LoadRequest.of(Task.DOUBLE_HEADS).withMode(LoadMode.REPLACED_HEAD));
        if (loaded.identity().spec().tokenTable().orElseThrow().entries() >= tokenizer.vocabSize()) {
            return loaded;
        }
        try (loaded) {
            return AutoModel.resized(loaded, tokenizer.vocabSize());
        }
    }

    @Override
    public Objective objective(Model model) {
        return new DoubleHeads(model, task.languageWeight(), task.choiceWeight());
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>(measure(model, precision, validation()));
        figures.put("perplexity", Math.exp(MetricRow.figure(figures, MetricRow.LOSS)));
        figures.put(HITS, hits(model));
        return figures;
    }

    @Override
    public Criterion criterion() {
        return new Criterion(MetricRow.LOSS, false);
    }

    /** The share of replies of which the right candidate gets the highest score. */
    private double hits(Model model) {
        long hits = 0;
        try (NoGrad noGrad = new NoGrad()) {
            for (Batch batch : validation()) {
                Map<String, Batch.Field> inputs = new LinkedHashMap<>(batch.fields());
                inputs.remove("labels");
                inputs.remove("mc_labels");
                float[] scores = Scopes.get(() ->
                        Tensors.toFloats(model.forward(BatchTensors.of(inputs)).get("mc_logits")));
                int candidates = validation.candidates();
                for (int from = 0; from < scores.length; from += candidates) {
                    float right = scores[from + candidates - 1];
                    boolean best = true;
                    for (int other = from; other < from + candidates - 1; other++) {
                        best &= scores[other] < right;
                    }
                    hits += best ? 1 : 0;
                }
            }
        }
        return (double) hits / validation.size();
    }

    @Override
    public void complete(Path modelFolder) {
        tokenizer.save(modelFolder);
        GenerationConfig.builder()
                .bosTokenId(id(DialogueTokens.BEGIN)).eosTokenId(id(DialogueTokens.END))
                .padTokenId(id(DialogueTokens.PAD))
                .doSample(true).temperature(0.7).topK(0).topP(0.9)
                .maxNewTokens(REPLY_TOKENS).minNewTokens(1)
                .build().save(modelFolder);
        if (task.types() == Dialogue.Types.NONE) {
            try {
                Files.writeString(modelFolder.resolve("chat_template.jinja"), template(task.history()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Writes conversations as {@link DialogueTokens} does: the system's text is the persona, and whoever is to speak
     * next, or speaks last where nobody is, is the first speaker.
     */
    static String template(int history) {
        return """
                {%%- set turns = messages[1:] if messages and messages[0].role == 'system' else messages %%}
                {{- '<bos>' }}
                {%%- if turns|length < messages|length %%}{{ messages[0].content }}{%% endif %%}
                {%%- set read = turns[-%d:] if add_generation_prompt else turns[-%d:] %%}
                {%%- set asks = 0 if add_generation_prompt else 1 %%}
                {%%- for turn in read %%}
                {{- ('<speaker2>' if loop.revindex0 %% 2 == asks else '<speaker1>') + turn.content }}
                {%%- endfor %%}
                {%%- if add_generation_prompt %%}{{ '<speaker1>' }}{%% endif %%}"""
                .formatted(2 * history + 1, 2 * history + 2);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        try (Model model = AutoModel.load(modelFolder)) {
            Map<String, Double> figures = validate(model, Precision.FLOAT32);
            List<String> written = written(model);
            List<ReportData.Sample> samples = new ArrayList<>();
            double f1 = 0;
            for (int i = 0; i < written.size(); i++) {
                Dialogues.Reply reply = dialogues.validation().get(i);
                f1 += DialogueF1.of(written.get(i), reply.right()) / written.size();
                samples.add(new ReportData.Sample(
                        reply.history().get(reply.history().size() - 1), reply.right(), written.get(i)));
            }
            List<ReportData.Measure> measures = new ArrayList<>(List.of(new ReportData.Measure("hits@1", "%", 1, true),
                    new ReportData.Measure("perplexity", "", 2, false)));
            List<Double> values = new ArrayList<>(List.of(100 * Objects.requireNonNull(figures.get(HITS)),
                    Objects.requireNonNull(figures.get("perplexity"))));
            if (!written.isEmpty()) {
                measures.add(new ReportData.Measure("F1", "%", 1, true));
                values.add(100 * f1);
            }
            return new Outcome(
                    String.format(Locale.ROOT, "hits@1 %.1f %%, perplexity %.2f on %,d replies", values.get(0),
                            values.get(1), validation.size()),
                    measures, List.of(new ReportData.Result("this model", "", values)),
                    samples.subList(0, Math.min(8, samples.size())), List.of());
        }
    }

    /** What the model says in place of the first held-out replies, its likeliest tokens, told nothing but tokens. */
    private List<String> written(Model model) {
        if (task.types() == Dialogue.Types.SPEAKERS) {
            return List.of();
        }
        GenerationConfig greedy = GenerationConfig.builder().eosTokenId(id(DialogueTokens.END))
                .padTokenId(id(DialogueTokens.PAD)).maxNewTokens(REPLY_TOKENS).minNewTokens(1).build();
        Generator generator = new Generator(model);
        List<String> texts = new ArrayList<>();
        for (Dialogues.Reply reply : dialogues.validation().stream().limit(task.evaluation().written()).toList()) {
            DialogueTokens.Row row = tokens.row(reply, "");
            int[] prompt = Arrays.copyOf(row.ids(), row.reply());
            int room = tokens.room() - prompt.length;
            GenerationConfig fitted = greedy.with().maxNewTokens(Math.min(REPLY_TOKENS, Math.max(1, room))).build();
            texts.add(tokenizer.decode(
                    generator.generate(List.of(prompt), fitted, Controls.NONE).get(0).get(0).ids()).strip());
        }
        return texts;
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return new ReportData.Command("Talk with it", "./jformers chat " + Shell.quoted(modelFolder.toString())
                + " --system " + Shell.quoted(String.join(" ", dialogues.validation().get(0).persona())));
    }

    @Override
    public String pipelineTag() {
        return "text-generation";
    }

    @Override
    public String dataset() {
        return task.data().train().equals(SHIPPED) ? SHIPPED : Path.of(task.data().train()).getFileName().toString();
    }
}
