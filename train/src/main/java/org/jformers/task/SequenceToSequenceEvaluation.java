package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jformers.data.Table;
import org.jformers.evaluation.baseline.LetterContextBaseline;
import org.jformers.evaluation.metric.Bleu;
import org.jformers.evaluation.metric.Chrf;
import org.jformers.evaluation.metric.PronunciationScore;
import org.jformers.evaluation.metric.Rouge;
import org.jformers.experiment.PreparedTask;
import org.jformers.pipeline.AttentionMap;
import org.jformers.pipeline.Completion;
import org.jformers.pipeline.Translation;
import org.jformers.task.SequenceToSequence.Evaluation.Measure;
import org.jformers.training.report.ReportData;

/** Measures a sequence-to-sequence model on held-out rows, beside what is there without one. */
final class SequenceToSequenceEvaluation {
    private static final int ATTENTION_SAMPLES = 3;

    private final SequenceToSequence task;
    private final HeldOut rows;
    private final String prefix;

    SequenceToSequenceEvaluation(SequenceToSequence task, HeldOut rows, String prefix) {
        this.task = task;
        this.rows = rows;
        this.prefix = prefix;
    }

    /** What the report shows besides the figures. */
    private record Shown(List<ReportData.Sample> samples, List<ReportData.AttentionMaps> attention) {}

    PreparedTask.Outcome run(Path modelFolder) {
        List<String> inputs = rows.test().column(task.data().sourceColumn());
        List<String> expected = rows.test().column(task.data().targetColumn());
        List<String> predicted;
        List<ReportData.AttentionMaps> attention = new ArrayList<>();
        try (Translation translation = Translation.load(modelFolder)) {
            List<Completion> written = WrittenTexts.completions(translation, inputs, prefix);
            predicted = written.stream().map(Completion::text).toList();
            for (int i = 0; i < Math.min(ATTENTION_SAMPLES, inputs.size()); i++) {
                if (written.get(i).ids().length > 0) {
                    AttentionMap map =
                            translation.attention(prefix + inputs.get(i), written.get(i), translation.config());
                    attention.add(new ReportData.AttentionMaps(
                            inputs.get(i), "target", "source", map.target(), map.source(), map.weights()));
                }
            }
        }
        List<ReportData.Sample> samples = new ArrayList<>();
        for (int i = 0; i < Math.min(task.evaluation().samples(), inputs.size()); i++) {
            samples.add(new ReportData.Sample(inputs.get(i), expected.get(i), predicted.get(i)));
        }
        WrittenTexts texts = new WrittenTexts(inputs, expected, predicted);
        Shown shown = new Shown(samples, attention);
        return switch (task.evaluation().measure()) {
            case ERROR_RATE -> errorRate(texts, shown);
            case ROUGE -> rouge(texts, shown);
            case BLEU, CHRF -> translation(texts, shown);
        };
    }

    private PreparedTask.Outcome errorRate(WrittenTexts texts, Shown shown) {
        PronunciationScore ours = texts.errors();
        Table training = rows.training();
        List<LetterContextBaseline.Entry> lexicon = new ArrayList<>();
        for (int i = 0; i < training.size(); i++) {
            lexicon.add(new LetterContextBaseline.Entry(
                    training.column(task.data().sourceColumn()).get(i),
                    WrittenTexts.symbols(training.column(task.data().targetColumn()).get(i))));
        }
        LetterContextBaseline baseline = LetterContextBaseline.train(lexicon);
        List<List<List<String>>> references =
                texts.expected().stream().map(text -> List.of(WrittenTexts.symbols(text))).toList();
        PronunciationScore theirs =
                PronunciationScore.of(texts.sources().stream().map(baseline::predict).toList(), references);
        Names names = Names.of(task.data());
        return new PreparedTask.Outcome(
                String.format(Locale.ROOT, "%s %.2f %%, %s %.2f %% on %d unseen %s",
                        names.symbols(), 100 * ours.phonemeErrorRate(), names.rows(), 100 * ours.wordErrorRate(),
                        texts.sources().size(), names.unseen()),
                List.of(new ReportData.Measure(names.symbols(), "%", 2, false),
                        new ReportData.Measure(names.rows(), "%", 2, false)),
                List.of(result("Transformer", "", ours), result(names.baseline(), names.explanation(), theirs)),
                shown.samples(), shown.attention());
    }

    /** What the figures are called: by the lexicon's own words, or after the columns. */
    private record Names(String symbols, String rows, String unseen, String baseline, String explanation) {
        static Names of(SequenceToSequence.Data data) {
            if ("cmudict".equals(data.train())) {
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

    /** BLEU and chrF, the one that was asked for in the headline. */
    private PreparedTask.Outcome translation(WrittenTexts texts, Shown shown) {
        WrittenTexts copied = copied(texts);
        Bleu.Score bleu = texts.bleu();
        Chrf.Score chrf = texts.chrf();
        String headline = task.evaluation().measure() == Measure.BLEU
                ? String.format(Locale.ROOT, "BLEU %.2f on %d held-out sentences (%s)",
                        bleu.score(), texts.sources().size(), bleu.signature())
                : String.format(Locale.ROOT, "chrF2 %.2f on %d held-out sentences (%s)",
                        chrf.score(), texts.sources().size(), chrf.signature());
        return new PreparedTask.Outcome(
                headline,
                List.of(new ReportData.Measure("BLEU", "", 2, true), new ReportData.Measure("chrF2", "", 2, true)),
                List.of(new ReportData.Result("Transformer", "", List.of(bleu.score(), chrf.score())),
                        new ReportData.Result("source copied", "the source sentence handed in as its translation",
                                List.of(copied.bleu().score(), copied.chrf().score()))),
                shown.samples(), shown.attention());
    }

    private static WrittenTexts copied(WrittenTexts texts) {
        return new WrittenTexts(texts.sources(), texts.expected(), texts.sources());
    }

    private static PreparedTask.Outcome rouge(WrittenTexts texts, Shown shown) {
        Rouge ours = texts.rouge();
        return new PreparedTask.Outcome(
                String.format(Locale.ROOT, "ROUGE-L %.2f on %d held-out rows",
                        100 * ours.longestCommonSubsequence().f1(), texts.sources().size()),
                List.of(new ReportData.Measure("ROUGE-1", "", 2, true), new ReportData.Measure("ROUGE-2", "", 2, true),
                        new ReportData.Measure("ROUGE-L", "", 2, true)),
                List.of(new ReportData.Result("this model", "", percent(ours)),
                        new ReportData.Result(
                                "source copied", "the source handed in as its target", percent(copied(texts).rouge()))),
                shown.samples(), shown.attention());
    }

    private static List<Double> percent(Rouge rouge) {
        return List.of(100 * rouge.unigrams().f1(), 100 * rouge.bigrams().f1(),
                100 * rouge.longestCommonSubsequence().f1());
    }
}
