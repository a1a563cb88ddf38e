package org.jformers.evaluation.metric;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * ROUGE-1, -2 and -L of summaries (Lin 2004), as rouge_score computes them without stemming: tokens are the runs
 * of a to z and digits of the lower-cased text, L is the longest common subsequence of the whole texts. A corpus has
 * the mean of its summaries; of several references the one with the best F1 counts, for each measure by itself.
 *
 * @param unigrams ROUGE-1
 * @param bigrams ROUGE-2
 * @param longestCommonSubsequence ROUGE-L
 */
public record Rouge(
        PrecisionRecall unigrams, PrecisionRecall bigrams, PrecisionRecall longestCommonSubsequence) {
    private static final Pattern NO_TOKEN = Pattern.compile("[^a-z0-9]+");

    public static Rouge of(List<Segment> segments) {
        Signature.requireSegments("ROUGE", segments);
        List<Rouge> scores = segments.stream().map(Rouge::of).toList();
        return new Rouge(
                mean(scores, Rouge::unigrams),
                mean(scores, Rouge::bigrams),
                mean(scores, Rouge::longestCommonSubsequence));
    }

    private static Rouge of(Segment segment) {
        List<String> hypothesis = tokens(segment.hypothesis());
        List<List<String>> references =
                segment.references().stream().map(Rouge::tokens).toList();
        return new Rouge(
                best(hypothesis, references, (found, there) -> ngrams(found, there, 1)),
                best(hypothesis, references, (found, there) -> ngrams(found, there, 2)),
                best(hypothesis, references, Rouge::subsequence));
    }

    private interface Measure {
        PrecisionRecall of(List<String> found, List<String> there);
    }

    private static PrecisionRecall best(List<String> hypothesis, List<List<String>> references, Measure measure) {
        return references.stream()
                .map(reference -> measure.of(hypothesis, reference))
                .reduce(BinaryOperator.maxBy(Comparator.comparingDouble(PrecisionRecall::f1)))
                .orElseThrow();
    }

    private static PrecisionRecall mean(List<Rouge> scores, Function<Rouge, PrecisionRecall> measure) {
        return PrecisionRecall.mean(scores.stream().map(measure).toList());
    }

    private static List<String> tokens(String text) {
        return Texts.words(NO_TOKEN.matcher(Texts.lower(text)).replaceAll(" "));
    }

    private static PrecisionRecall ngrams(List<String> found, List<String> there, int n) {
        Map<List<String>, Integer> allowed = counts(there, n);
        long common = counts(found, n).entrySet().stream()
                .mapToLong(ngram -> Math.min(ngram.getValue(), allowed.getOrDefault(ngram.getKey(), 0)))
                .sum();
        return PrecisionRecall.of(common, Math.max(0, found.size() - n + 1), Math.max(0, there.size() - n + 1));
    }

    private static Map<List<String>, Integer> counts(List<String> tokens, int n) {
        Map<List<String>, Integer> counts = new HashMap<>();
        for (int i = 0; i + n <= tokens.size(); i++) {
            counts.merge(tokens.subList(i, i + n), 1, Integer::sum);
        }
        return counts;
    }

    private static PrecisionRecall subsequence(List<String> found, List<String> there) {
        int[] longest = new int[there.size() + 1];
        for (String token : found) {
            int diagonal = 0;
            for (int j = 1; j < longest.length; j++) {
                int above = longest[j];
                longest[j] = token.equals(there.get(j - 1)) ? diagonal + 1 : Math.max(above, longest[j - 1]);
                diagonal = above;
            }
        }
        return PrecisionRecall.of(longest[there.size()], found.size(), there.size());
    }

    /** F1 in percent: {@code ROUGE-1 = 70.76 ROUGE-2 = 36.73 ROUGE-L = 66.68}. */
    @Override
    public String toString() {
        return "ROUGE-1 = " + Texts.fixed(100 * unigrams.f1(), 2) + " ROUGE-2 = " + Texts.fixed(100 * bigrams.f1(), 2)
                + " ROUGE-L = " + Texts.fixed(100 * longestCommonSubsequence.f1(), 2);
    }
}
