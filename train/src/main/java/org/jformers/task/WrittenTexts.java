package org.jformers.task;

import java.util.Arrays;
import java.util.List;
import org.jformers.evaluation.metric.Bleu;
import org.jformers.evaluation.metric.Chrf;
import org.jformers.evaluation.metric.PronunciationScore;
import org.jformers.evaluation.metric.Rouge;
import org.jformers.evaluation.metric.Segment;
import org.jformers.generation.Controls;
import org.jformers.pipeline.Completion;
import org.jformers.pipeline.Translation;
import org.jformers.task.SequenceToSequence.Evaluation.Measure;

/**
 * What a model wrote for some sources, and what was expected.
 *
 * @param sources without prefix
 */
record WrittenTexts(List<String> sources, List<String> expected, List<String> written) {

    /** The best that a model writes for each source. */
    static List<String> write(Translation translation, List<String> sources, String prefix) {
        return completions(translation, sources, prefix).stream().map(Completion::text).toList();
    }

    static List<Completion> completions(Translation translation, List<String> sources, String prefix) {
        List<String> read = sources.stream().map(source -> prefix + source).toList();
        return translation.translate(read, translation.config(), Controls.NONE).stream()
                .map(best -> best.get(0))
                .toList();
    }

    static boolean higherIsBetter(Measure measure) {
        return measure != Measure.ERROR_RATE;
    }

    /** The figure of a measure; of BLEU and chrF from 0 to 100, of the others from 0 to 1. */
    double figure(Measure measure) {
        return switch (measure) {
            case BLEU -> bleu().score();
            case CHRF -> chrf().score();
            case ROUGE -> rouge().longestCommonSubsequence().f1();
            case ERROR_RATE -> errors().phonemeErrorRate();
        };
    }

    Bleu.Score bleu() {
        return Bleu.standard().corpus(Segment.zip(written, expected));
    }

    Chrf.Score chrf() {
        return Chrf.standard().corpus(Segment.zip(written, expected));
    }

    Rouge rouge() {
        return Rouge.of(Segment.zip(written, expected));
    }

    PronunciationScore errors() {
        List<List<List<String>>> references = expected.stream().map(text -> List.of(symbols(text))).toList();
        return PronunciationScore.of(written.stream().map(WrittenTexts::symbols).toList(), references);
    }

    /** What stands between spaces. */
    static List<String> symbols(String text) {
        return text.isBlank() ? List.of() : Arrays.asList(text.trim().split(" +"));
    }
}
