package org.jformers.evaluation.metric;

import java.util.Comparator;
import java.util.List;
import org.jformers.evaluation.EvaluationException;

/**
 * Phoneme and word error rate of a letter-to-sound model. Of several accepted pronunciations of a word the closest
 * counts: the one with the fewest edits, of equals the first listed. A word is wrong unless its phonemes are exactly
 * those of one of its pronunciations (the word error rate of pronunciation, not that of speech recognition).
 *
 * @param phonemes edits and symbols of the closest pronunciations
 * @param words words scored
 * @param wrongWords words with at least one edit
 */
public record PronunciationScore(ErrorRate phonemes, long words, long wrongWords) {

    /**
     * @param predictions phonemes of each word
     * @param pronunciations accepted pronunciations of each word, at least one
     */
    public static PronunciationScore of(List<List<String>> predictions, List<List<List<String>>> pronunciations) {
        if (predictions.size() != pronunciations.size()) {
            throw new EvaluationException("pronunciations: " + predictions.size() + " predictions for "
                    + pronunciations.size() + " words, allowed: as many of each");
        }
        ErrorRate phonemes = ErrorRate.NONE;
        long wrong = 0;
        for (int i = 0; i < predictions.size(); i++) {
            ErrorRate closest = closest(predictions.get(i), pronunciations.get(i), i);
            phonemes = phonemes.plus(closest);
            wrong += closest.edits() == 0 ? 0 : 1;
        }
        return new PronunciationScore(phonemes, predictions.size(), wrong);
    }

    private static ErrorRate closest(List<String> prediction, List<List<String>> accepted, int word) {
        return accepted.stream()
                .map(pronunciation -> new ErrorRate(
                        EditDistance.between(prediction, pronunciation), pronunciation.size()))
                .min(Comparator.comparingLong(ErrorRate::edits))
                .orElseThrow(() -> new EvaluationException(
                        "pronunciations: none accepted, allowed: one or more, word " + word));
    }

    public double phonemeErrorRate() {
        return phonemes.rate();
    }

    public double wordErrorRate() {
        return (double) wrongWords / words;
    }

    /** {@code PER = 6.31 % (210 / 3328) WER = 28.40 % (142 / 500)}. */
    @Override
    public String toString() {
        return "PER = " + phonemes + " WER = " + Texts.fixed(100 * wordErrorRate(), 2) + " % (" + wrongWords + " / "
                + words + ")";
    }
}
