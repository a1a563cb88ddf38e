package org.jformers.task;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jformers.data.PackedBlocks;
import org.jformers.data.TokenSequences;
import org.jformers.evaluation.baseline.NgramLanguageModel;
import org.jformers.evaluation.baseline.NgramLanguageModel.Kind;
import org.jformers.experiment.PreparedTask;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.objective.NextToken;
import org.jformers.pipeline.TextGeneration;
import org.jformers.tensor.Precision;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.training.TrainedModel;
import org.jformers.training.ValidationListener;
import org.jformers.training.report.ReportData;

/** Measures a language model in bits per byte of held-out text, beside n-gram models on the same split and tokens. */
final class CausalLanguageModelEvaluation {
    private static final int SAMPLE_TOKENS = 40;

    private final CausalLanguageModel task;
    private final long seed;
    private final Tokenizer tokenizer;
    private final TokenSequences training;
    private final List<String> test;

    CausalLanguageModelEvaluation(
            CausalLanguageModel task, long seed, Tokenizer tokenizer, TokenSequences training, List<String> test) {
        this.task = task;
        this.seed = seed;
        this.tokenizer = tokenizer;
        this.training = training;
        this.test = test;
    }

    PreparedTask.Outcome run(Path modelFolder) {
        TokenSequences documents = TokenSequences.encodePlain(test, tokenizer);
        long bytes = test.stream().mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length).sum();
        int endOfText = tokenizer.id(PreparedCausalLanguageModel.END_OF_TEXT).orElseThrow();
        double ours;
        try (Model model = AutoModel.load(modelFolder)) {
            ours = bits(model, documents, endOfText) / bytes;
        }
        List<ReportData.Result> results = new ArrayList<>();
        results.add(new ReportData.Result("Transformer", "reads across documents within its block", List.of(ours)));
        double trigram = Double.NaN;
        for (Kind kind : Kind.values()) {
            double theirs = NgramLanguageModel.train(kind, tokenizer.vocabSize(), endOfText, all(training))
                    .evaluate(all(documents))
                    .bitsPerByte(bytes);
            trigram = kind == Kind.TRIGRAM ? theirs : trigram;
            results.add(new ReportData.Result(
                    kind.name().toLowerCase(Locale.ROOT).replace('_', ' '), "", List.of(theirs)));
        }
        return new PreparedTask.Outcome(
                String.format(Locale.ROOT, "%.4f bits per byte on %d held-out texts, interpolated trigram %.4f",
                        ours, test.size(), trigram),
                List.of(new ReportData.Measure("bits per byte", "", 4, false)),
                results, samples(modelFolder), List.of());
    }

    /** Total of -log2 of the probabilities of all tokens and of an end-of-text token behind each document. */
    private double bits(Model model, TokenSequences documents, int endOfText) {
        PackedBlocks blocks = new PackedBlocks(
                documents, endOfText, task.batches().length(), task.batches().blocks());
        double nats = blocks.predictedTokens() * ValidationListener.measure(
                new TrainedModel(model), new NextToken(model), Precision.FLOAT32, blocks.evaluationBatches()).loss();
        return nats / Math.log(2);
    }

    private static List<int[]> all(TokenSequences documents) {
        return IntStream.range(0, documents.size()).mapToObj(documents::get).toList();
    }

    /** Continuations of the words of held-out texts. */
    private List<ReportData.Sample> samples(Path modelFolder) {
        List<ReportData.Sample> samples = new ArrayList<>();
        try (TextGeneration generation = TextGeneration.load(modelFolder)) {
            for (String text : test.subList(0, Math.min(task.evaluation().samples(), test.size()))) {
                String words = text.substring(0, text.indexOf(':') + 1);
                int room = task.batches().length() - tokenizer.encodePlain(words).length();
                if (!words.isEmpty() && room > 0) {
                    GenerationConfig settings =
                            generation.config().with().maxNewTokens(Math.min(SAMPLE_TOKENS, room)).build();
                    Controls controls = Controls.NONE.withSeed(seed);
                    String written = generation.generate(List.of(words), settings, controls).get(0).get(0).text();
                    samples.add(new ReportData.Sample(words, text.substring(words.length()).trim(), written.trim()));
                }
            }
        }
        return samples;
    }
}
