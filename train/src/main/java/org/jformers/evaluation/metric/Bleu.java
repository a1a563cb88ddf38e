package org.jformers.evaluation.metric;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jformers.evaluation.EvaluationException;

/**
 * BLEU: modified n-gram precision with a brevity penalty (Papineni et al. 2002), figure by figure as sacreBLEU computes
 * it (Post 2018). The brevity penalty compares with the closest reference length, of equally close ones the shorter.
 *
 * <p>Sentence-level BLEU is {@link #sentence}; it wants {@code effectiveOrder}, or short sentences score zero for
 * n-grams they cannot have.
 *
 * @param tokenizer how lines become tokens
 * @param smoothing what happens to orders without a match
 * @param casing whether case counts
 * @param maxOrder longest n-gram, usually 4
 * @param effectiveOrder whether orders that the hypotheses are too short for are left out of the mean
 */
public record Bleu(
        BleuTokenizer tokenizer, Smoothing smoothing, Casing casing, int maxOrder, boolean effectiveOrder) {
    private static final double LOG_OF_ZERO = -9_999_999_999.0;

    public Bleu {
        if (maxOrder < 1) {
            throw new EvaluationException("BLEU: longest n-gram " + maxOrder + ", allowed: 1 or more");
        }
    }

    /** What WMT reports: tokens 13a, exponential smoothing, case counts, up to 4-grams. */
    public static Bleu standard() {
        return new Bleu(BleuTokenizer.V13A, Smoothing.EXPONENTIAL, Casing.MIXED, 4, false);
    }

    public Bleu withTokenizer(BleuTokenizer other) {
        return new Bleu(other, smoothing, casing, maxOrder, effectiveOrder);
    }

    public Bleu withSmoothing(Smoothing other) {
        return new Bleu(tokenizer, other, casing, maxOrder, effectiveOrder);
    }

    public Bleu withCasing(Casing other) {
        return new Bleu(tokenizer, smoothing, other, maxOrder, effectiveOrder);
    }

    public Bleu withMaxOrder(int other) {
        return new Bleu(tokenizer, smoothing, casing, other, effectiveOrder);
    }

    public Bleu withEffectiveOrder() {
        return new Bleu(tokenizer, smoothing, casing, maxOrder, true);
    }

    public Score sentence(Segment segment) {
        return corpus(List.of(segment));
    }

    /** Over the summed counts of all segments, which is not the mean of the sentence scores. */
    public Score corpus(List<Segment> segments) {
        Signature.requireSegments("BLEU", segments);
        double[] matches = new double[maxOrder];
        double[] totals = new double[maxOrder];
        long length = 0;
        long referenceLength = 0;
        for (Segment segment : segments) {
            List<String> hypothesis = tokens(segment.hypothesis());
            Map<List<String>, Integer> allowed = new HashMap<>();
            int closest = -1;
            for (String text : segment.references()) {
                List<String> reference = tokens(text);
                closest = closer(hypothesis.size(), reference.size(), closest);
                ngrams(reference).forEach((ngram, count) -> allowed.merge(ngram, count, Math::max));
            }
            length += hypothesis.size();
            referenceLength += closest;
            ngrams(hypothesis).forEach((ngram, count) -> {
                totals[ngram.size() - 1] += count;
                matches[ngram.size() - 1] += Math.min(count, allowed.getOrDefault(ngram, 0));
            });
        }
        return score(matches, totals, length, referenceLength, signature(segments));
    }

    private Score score(double[] matches, double[] totals, long length, long referenceLength, String signature) {
        double brevityPenalty = brevityPenalty(length, referenceLength);
        double[] precisions = new double[maxOrder];
        double score = 0;
        // Smoothing would lift even a text without one word right above zero.
        if (anyPositive(matches)) {
            int orders = maxOrder;
            int zeros = 0;
            for (int n = 0; n < maxOrder; n++) {
                if (n > 0) {
                    matches[n] += smoothing.added();
                    totals[n] += smoothing.added();
                }
                if (totals[n] == 0) {
                    break;
                }
                if (effectiveOrder) {
                    orders = n + 1;
                }
                precisions[n] = matches[n] > 0
                        ? 100 * matches[n] / totals[n]
                        : smoothing.zeroPrecision(++zeros, totals[n]);
            }
            score = brevityPenalty * geometricMean(precisions, orders);
        }
        return new Score(
                score,
                list(matches),
                list(totals),
                list(precisions),
                brevityPenalty,
                length,
                referenceLength,
                signature);
    }

    private static double brevityPenalty(long length, long referenceLength) {
        if (length >= referenceLength) {
            return 1;
        }
        return length == 0 ? 0 : Math.exp(1 - (double) referenceLength / length);
    }

    private static double geometricMean(double[] precisions, int orders) {
        double sum = 0;
        for (int n = 0; n < orders; n++) {
            sum += precisions[n] == 0 ? LOG_OF_ZERO : Math.log(precisions[n]);
        }
        return Math.exp(sum / orders);
    }

    private static int closer(int length, int candidate, int closest) {
        if (closest < 0) {
            return candidate;
        }
        int difference = Math.abs(length - candidate) - Math.abs(length - closest);
        return difference < 0 || (difference == 0 && candidate < closest) ? candidate : closest;
    }

    private List<String> tokens(String text) {
        return tokenizer.tokenize(casing.apply(text));
    }

    private Map<List<String>, Integer> ngrams(List<String> tokens) {
        Map<List<String>, Integer> counts = new HashMap<>();
        for (int n = 1; n <= maxOrder; n++) {
            for (int i = 0; i + n <= tokens.size(); i++) {
                counts.merge(tokens.subList(i, i + n), 1, Integer::sum);
            }
        }
        return counts;
    }

    private String signature(List<Segment> segments) {
        return Signature.of(
                segments,
                "case:" + casing.tag() + "|eff:" + (effectiveOrder ? "yes" : "no") + "|tok:" + tokenizer.tag()
                        + "|smooth:" + smoothing.tag());
    }

    private static boolean anyPositive(double[] values) {
        for (double value : values) {
            if (value > 0) {
                return true;
            }
        }
        return false;
    }

    private static List<Double> list(double[] values) {
        List<Double> list = new ArrayList<>(values.length);
        for (double value : values) {
            list.add(value);
        }
        return List.copyOf(list);
    }

    /**
     * A BLEU score and what it is made of; entry n - 1 of a list belongs to n-grams.
     *
     * @param score 0 to 100
     * @param matches n-grams found in a reference, clipped to their count there, after smoothing by addition
     * @param totals n-grams of the hypotheses, after smoothing by addition
     * @param precisions in percent, after smoothing
     * @param brevityPenalty 1 unless the hypotheses are shorter than the references
     * @param length tokens in the hypotheses
     * @param referenceLength tokens in the closest references
     * @param signature how it was computed
     */
    public record Score(
            double score,
            List<Double> matches,
            List<Double> totals,
            List<Double> precisions,
            double brevityPenalty,
            long length,
            long referenceLength,
            String signature) {

        /** sacreBLEU's line: {@code BLEU|nrefs:1|... = 28.30 59.9/34.0/21.8/14.4 (BP = 1.000 ratio = ...)}. */
        @Override
        public String toString() {
            StringBuilder line = new StringBuilder("BLEU|" + signature + " = " + Texts.fixed(score, 2) + " ");
            for (int n = 0; n < precisions.size(); n++) {
                line.append(n == 0 ? "" : "/").append(Texts.fixed(precisions.get(n), 1));
            }
            double ratio = referenceLength == 0 ? 0 : (double) length / referenceLength;
            return line + " (BP = " + Texts.fixed(brevityPenalty, 3) + " ratio = " + Texts.fixed(ratio, 3)
                    + " hyp_len = " + length + " ref_len = " + referenceLength + ")";
        }
    }
}
