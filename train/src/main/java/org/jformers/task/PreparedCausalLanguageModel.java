package org.jformers.task;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.DataSource;
import org.jformers.data.LabelledSequences;
import org.jformers.data.PackedBlocks;
import org.jformers.data.PrefixedBlocks;
import org.jformers.data.Table;
import org.jformers.data.TokenSequences;
import org.jformers.data.TokenStore;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Model;
import org.jformers.objective.NextToken;
import org.jformers.objective.Objective;
import org.jformers.task.CausalLanguageModel.Packing;
import org.jformers.task.CausalLanguageModel.Prefix;
import org.jformers.tensor.Precision;
import org.jformers.training.Trainable;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Texts of which each token is predicted from those before it. */
final class PreparedCausalLanguageModel implements PreparedTask {
    /** Texts of a store that a vocabulary is made from, and that n-grams are counted in. */
    private static final int SAMPLE = 100_000;

    private final CausalLanguageModel task;
    private final RunStart start;
    private final HeldOut rows;
    private final Language language;
    private final RunMemory memory;
    private final TokenSequences trainingDocuments;
    private final BatchedExamples training;
    private final BatchedExamples validation;
    private final Map<String, BatchedExamples> watched = new LinkedHashMap<>();
    /** Of each text its own, and the end; with prefixes what is predicted stands for all. */
    private final long validationTokens;

    PreparedCausalLanguageModel(CausalLanguageModel task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        memory = new RunMemory(task.memory(), NextToken::new);
        // What does not fit the model shows before the data is read.
        Optional<Language> folder = start.folder().map(path -> Language.of(start, task.maxLength()));
        String store = task.data().store();
        rows = store == null
                ? HeldOut.texts(task.data(), start.experiment().seed())
                : HeldOut.stored(task.data(), SAMPLE);
        console.say(store == null ? rows.toString()
                : String.format("texts to train on as tokens in %s, %,d to validate on",
                        store, rows.validation().size()));
        language = folder.orElseGet(() ->
                Language.create(start, task.vocabSize(), task.maxLength(), text(rows.training())));
        trainingDocuments = store == null
                ? documents(text(rows.training()))
                : TokenStore.of(Path.of(store), DataSource.of(Path.of(task.data().train()), task.data().document()),
                        task.data().files(), task.data().text(), task.data().document(), language.tokenizer());
        console.say(String.format("vocabulary of %,d tokens, %,d tokens to train on",
                language.tokenizer().vocabSize(), trainingDocuments.tokens()));
        training = examples(trainingDocuments);
        TokenSequences held = documents(text(rows.validation()));
        validation = examples(held);
        validationTokens = held.tokens() + held.size();
        HeldOut.watched(task.data()).forEach((name, table) ->
                watched.put(name, examples(documents(text(table)))));
        if (training instanceof LabelledSequences packed) {
            console.say(String.format(Locale.ROOT, "%,d rows of %,d tokens, in which %,d pieces of %,d texts stand",
                    packed.rows(), language.room(), packed.size(), trainingDocuments.size()));
        }
    }

    private List<String> text(Table table) {
        return table.column(task.data().text());
    }

    private TokenSequences documents(List<String> texts) {
        return TokenSequences.encodePlain(texts, language.tokenizer());
    }

    private BatchedExamples examples(TokenSequences documents) {
        if (task.packing() == Packing.DOCUMENTS) {
            return LabelledSequences.ofDocuments(documents, language.begin(), language.end(),
                    new LabelledSequences.Form(LabelledSequences.Packing.DOCUMENTS, language.room(), task.batch(),
                            language.end()));
        }
        PackedBlocks blocks =
                new PackedBlocks(documents, language.end(), language.room(), task.batch(), memory.order());
        return task.prefix() == Prefix.NONE ? blocks : new PrefixedBlocks(blocks);
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
    public Trainable trained(Model model) {
        return memory.trained(model);
    }

    @Override
    public Objective objective(Model model) {
        if (task.prefix() != Prefix.NONE && !model.takes().contains("prefix_lengths")) {
            throw new ExperimentException("task.prefix: got random for " + model.identity().architecture()
                    + ", which cannot see a prefix from both sides, allowed none");
        }
        return memory.objective(model);
    }

    @Override
    public Map<String, Double> measure(Model model, Precision precision, Iterable<Batch> batches) {
        return memory.measure(model, precision, batches).measures();
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>(measure(model, precision, validation()));
        Perplexity perplexity = Perplexity.of(
                text(rows.validation()), MetricRow.figure(figures, MetricRow.LOSS) * validationTokens);
        figures.put("bits_per_byte", perplexity.bitsPerByte());
        figures.put("byte_perplexity", perplexity.ofBytes());
        figures.put("word_perplexity", perplexity.ofWords());
        return figures;
    }

    /** What a model says of texts. */
    private Perplexity perplexity(Model model, List<String> texts) {
        TokenSequences documents = documents(texts);
        double loss = memory.measure(model, Precision.FLOAT32, examples(documents).evaluationBatches()).loss();
        return Perplexity.of(texts, loss * (documents.tokens() + documents.size()));
    }

    @Override
    public Model model() {
        return language.model();
    }

    @Override
    public void complete(Path modelFolder) {
        language.complete(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        TokenSequences counted = task.data().store() == null ? trainingDocuments : trainingDocuments.first(SAMPLE);
        return new CausalLanguageModelEvaluation(task, language, counted, text(rows.test()), this::perplexity)
                .run(modelFolder);
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        String prompt = CausalLanguageModelEvaluation.prompt(text(rows.test()).get(0));
        return new ReportData.Command("Let the model write", "./jformers generate --model "
                + Shell.quoted(modelFolder.toString()) + " --prompt " + Shell.quoted(prompt));
    }

    @Override
    public String pipelineTag() {
        return "text-generation";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }

    @Override
    public void close() {
        memory.close();
    }
}
