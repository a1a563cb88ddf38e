package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jformers.data.Table;
import org.jformers.evaluation.baseline.LetterContextBaseline;
import org.jformers.evaluation.metric.Bleu;
import org.jformers.evaluation.metric.Chrf;
import org.jformers.evaluation.metric.PronunciationScore;
import org.jformers.evaluation.metric.Segment;
import org.jformers.experiment.PreparedTask;
import org.jformers.generation.Controls;
import org.jformers.pipeline.AttentionMap;
import org.jformers.pipeline.Completion;
import org.jformers.pipeline.Translation;
import org.jformers.task.SequenceToSequence.Evaluation.Metric;
import org.jformers.training.report.ReportData;

/** Measures a sequence-to-sequence model on held-out rows, beside what is there without one. */
final class SequenceToSequenceEvaluation {
    private static final int ATTENTION_SAMPLES = 3;

    private final SequenceToSequence task;
    private final HeldOut rows;

    SequenceToSequenceEvaluation(SequenceToSequence task, HeldOut rows) {
        this.task = task;
        this.rows = rows;
    }

    PreparedTask.Outcome run(Path modelFolder) {
        List<String> inputs = rows.test().column(task.data().sourceColumn());
        List<String> expected = rows.test().column(task.data().targetColumn());
        List<String> predicted;
        List<ReportData.AttentionMaps> attention = new ArrayList<>();
        try (Translation translation = Translation.load(modelFolder)) {
            List<Completion> written = translation.translate(inputs, translation.config(), Controls.NONE).stream()
                    .map(best -> best.get(0))
                    .toList();
            predicted = written.stream().map(Completion::text).toList();
            for (int i = 0; i < Math.min(ATTENTION_SAMPLES, inputs.size()); i++) {
                AttentionMap map = translation.attention(inputs.get(i), written.get(i), translation.config());
                attention.add(new ReportData.AttentionMaps(
                        inputs.get(i), "target", "source", map.target(), map.source(), map.weights()));
            }
        }
        List<ReportData.Sample> samples = new ArrayList<>();
        for (int i = 0; i < Math.min(task.evaluation().samples(), inputs.size()); i++) {
            samples.add(new ReportData.Sample(inputs.get(i), expected.get(i), predicted.get(i)));
        }
        return task.evaluation().metric() == Metric.ERROR_RATE
                ? errorRate(inputs, expected, predicted, samples, attention)
                : bleu(inputs, expected, predicted, samples, attention);
    }

    private PreparedTask.Outcome errorRate(
            List<String> inputs,
            List<String> expected,
            List<String> predicted,
            List<ReportData.Sample> samples,
            List<ReportData.AttentionMaps> attention) {
        List<List<List<String>>> references = expected.stream().map(text -> List.of(symbols(text))).toList();
        PronunciationScore ours = PronunciationScore.of(
                predicted.stream().map(SequenceToSequenceEvaluation::symbols).toList(), references);
        Table training = rows.training();
        List<LetterContextBaseline.Entry> lexicon = new ArrayList<>();
        for (int i = 0; i < training.size(); i++) {
            lexicon.add(new LetterContextBaseline.Entry(
                    training.column(task.data().sourceColumn()).get(i),
                    symbols(training.column(task.data().targetColumn()).get(i))));
        }
        LetterContextBaseline baseline = LetterContextBaseline.train(lexicon);
        PronunciationScore theirs = PronunciationScore.of(inputs.stream().map(baseline::predict).toList(), references);
        Names names = Names.of(task.data());
        return new PreparedTask.Outcome(
                String.format(Locale.ROOT, "%s %.2f %%, %s %.2f %% on %d unseen %s",
                        names.symbols(), 100 * ours.phonemeErrorRate(), names.rows(), 100 * ours.wordErrorRate(),
                        inputs.size(), names.unseen()),
                List.of(new ReportData.Measure(names.symbols(), "%", 2, false),
                        new ReportData.Measure(names.rows(), "%", 2, false)),
                List.of(result("Transformer", "", ours), result(names.baseline(), names.explanation(), theirs)),
                samples, attention);
    }

    /** What the figures are called: by the lexicon's own words, or after the columns. */
    private record Names(String symbols, String rows, String unseen, String baseline, String explanation) {
        static Names of(SequenceToSequence.Data data) {
            if (data.source().equals("cmudict")) {
                return new Names("phoneme error rate", "word error rate", "words", "letters in context",
                        "most frequent phonemes of a letter between its neighbours");
            }
            String from = data.sourceColumn();
            String to = data.targetColumn();
            return new Names("symbol error rate of " + to, "row error rate of " + to, "rows",
                    "characters of " + from + " in context",
                    "most frequent symbols of " + to + " for a character of " + from + " between its neighbours");
        }
    }

    private static ReportData.Result result(String name, String note, PronunciationScore score) {
        return new ReportData.Result(
                name, note, List.of(100 * score.phonemeErrorRate(), 100 * score.wordErrorRate()));
    }

    private static List<String> symbols(String text) {
        return text.isBlank() ? List.of() : Arrays.asList(text.trim().split(" +"));
    }

    private static PreparedTask.Outcome bleu(
            List<String> inputs,
            List<String> expected,
            List<String> predicted,
            List<ReportData.Sample> samples,
            List<ReportData.AttentionMaps> attention) {
        Bleu.Score ours = Bleu.standard().corpus(Segment.zip(predicted, expected));
        Chrf.Score characters = Chrf.standard().corpus(Segment.zip(predicted, expected));
        Bleu.Score copied = Bleu.standard().corpus(Segment.zip(inputs, expected));
        Chrf.Score copiedCharacters = Chrf.standard().corpus(Segment.zip(inputs, expected));
        return new PreparedTask.Outcome(
                String.format(Locale.ROOT, "BLEU %.2f on %d held-out sentences (%s)",
                        ours.score(), inputs.size(), ours.signature()),
                List.of(new ReportData.Measure("BLEU", "", 2, true), new ReportData.Measure("chrF2", "", 2, true)),
                List.of(new ReportData.Result("Transformer", "", List.of(ours.score(), characters.score())),
                        new ReportData.Result("source copied", "the source sentence handed in as its translation",
                                List.of(copied.score(), copiedCharacters.score()))),
                samples, attention);
    }
}
