package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.data.TokenSequences;
import org.jformers.evaluation.baseline.NgramLanguageModel;
import org.jformers.evaluation.baseline.NgramLanguageModel.Kind;
import org.jformers.experiment.Experiment.Weights;
import org.jformers.experiment.PreparedTask;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.pipeline.TextGeneration;
import org.jformers.task.CausalLanguageModel.Packing;
import org.jformers.task.CausalLanguageModel.Prefix;
import org.jformers.training.report.ReportData;

/**
 * Measures a language model in bits per byte of held-out text: a new one beside n-gram models on the same split and
 * tokens, one that had been trained before beside what it was.
 */
final class CausalLanguageModelEvaluation {
    private static final int SAMPLE_TOKENS = 40;

    /** What a text begins with, as a prompt, up to this many characters or words. */
    private static final int PROMPT_CHARACTERS = 60;
    private static final int PROMPT_WORDS = 8;

    private static final List<ReportData.Measure> MEASURES = List.of(
            new ReportData.Measure("bits per byte", "", 4, false),
            new ReportData.Measure("perplexity by byte", "", 4, false),
            new ReportData.Measure("perplexity by word", "", 2, false));

    private final CausalLanguageModel task;
    private final Language language;
    private final TokenSequences training;
    private final List<String> test;
    private final BiFunction<Model, List<String>, Perplexity> perplexity;

    CausalLanguageModelEvaluation(CausalLanguageModel task, Language language, TokenSequences training,
            List<String> test, BiFunction<Model, List<String>, Perplexity> perplexity) {
        this.task = task;
        this.language = language;
        this.training = training;
        this.test = test;
        this.perplexity = perplexity;
    }

    PreparedTask.Outcome run(Path modelFolder) {
        Perplexity ours;
        try (Model model = AutoModel.load(modelFolder)) {
            ours = perplexity.apply(model, test);
        }
        List<ReportData.Result> results = new ArrayList<>();
        results.add(new ReportData.Result("this model", note(), ours.values()));
        String beside = language.base().isPresent() ? before(results) : ngrams(results);
        return new PreparedTask.Outcome(
                String.format(Locale.ROOT, "%.4f bits per byte on %d held-out texts%s",
                        ours.bitsPerByte(), test.size(), beside),
                MEASURES, results, samples(modelFolder), List.of());
    }

    private String note() {
        if (task.memory() > 0) {
            return String.format(Locale.ROOT, "reads across documents, with a memory of %,d tokens", task.memory());
        }
        if (task.prefix() != Prefix.NONE) {
            return "what stands behind a random prefix of its row, which it sees from both sides";
        }
        return task.packing() == Packing.STREAM
                ? "reads across documents within its row"
                : "reads each document by itself";
    }

    /** The model that the run started from, if it knew anything. */
    private String before(List<ReportData.Result> results) {
        if (language.start().experiment().model().weights() == Weights.RANDOM) {
            return "";
        }
        try (Model model = language.model()) {
            Perplexity before = perplexity.apply(model, test);
            results.add(new ReportData.Result("before training", "the model to start from", before.values()));
            return String.format(Locale.ROOT, ", before training %.4f", before.bitsPerByte());
        }
    }

    private String ngrams(List<ReportData.Result> results) {
        TokenSequences documents = TokenSequences.encodePlain(test, language.tokenizer());
        String trigram = "";
        for (Kind kind : Kind.values()) {
            double theirs = NgramLanguageModel.train(
                            kind, language.tokenizer().vocabSize(), language.end(), all(training))
                    .evaluate(all(documents))
                    .bitsPerByte(Perplexity.of(test, 0).bytes());
            if (kind == Kind.TRIGRAM) {
                trigram = String.format(Locale.ROOT, ", interpolated trigram %.4f", theirs);
            }
            double nats = theirs * Math.log(2) * Perplexity.of(test, 0).bytes();
            results.add(new ReportData.Result(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '), "",
                    Perplexity.of(test, nats).values()));
        }
        return trigram;
    }

    private static List<int[]> all(TokenSequences documents) {
        return IntStream.range(0, documents.size()).mapToObj(documents::get).toList();
    }

    /** What a text begins with: up to a colon that comes early, or else its first words. */
    static String prompt(String text) {
        int colon = text.indexOf(':');
        if (colon > 0 && colon < PROMPT_CHARACTERS) {
            return text.substring(0, colon + 1);
        }
        return Arrays.stream(text.strip().split("\\s+")).limit(PROMPT_WORDS).collect(Collectors.joining(" "));
    }

    /** Continuations of the beginnings of held-out texts. */
    private List<ReportData.Sample> samples(Path modelFolder) {
        List<ReportData.Sample> samples = new ArrayList<>();
        try (TextGeneration generation = TextGeneration.load(modelFolder)) {
            for (String text : test.subList(0, Math.min(task.evaluation().samples(), test.size()))) {
                String words = prompt(text);
                int room = language.room() - language.tokenizer().encodePlain(words).length();
                if (!words.isEmpty() && room > 0) {
                    GenerationConfig settings =
                            generation.config().with().maxNewTokens(Math.min(SAMPLE_TOKENS, room)).build();
                    Controls controls = Controls.NONE.withSeed(language.start().experiment().seed());
                    String written = generation.generate(List.of(words), settings, controls).get(0).get(0).text();
                    String rest = text.strip().startsWith(words) ? text.strip().substring(words.length()) : text;
                    samples.add(new ReportData.Sample(words, rest.trim(), written.trim()));
                }
            }
        }
        return samples;
    }
}
