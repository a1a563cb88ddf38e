package org.jformers.evaluation.metric;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jformers.evaluation.EvaluationException;

/**
 * chrF: the F-score of character n-grams (Popović 2015), and chrF++ with word uni- and bigrams beside them (Popović
 * 2017), as sacreBLEU computes them: precision and recall are averaged over the orders that both sides have, of several
 * references the one with the best F-score counts.
 *
 * @param characterOrder longest character n-gram, usually 6
 * @param wordOrder longest word n-gram: 0 for chrF, 2 for chrF++
 * @param beta weight of recall against precision, usually 2
 * @param casing whether case counts
 * @param whitespace whether white space belongs to the character n-grams
 */
public record Chrf(int characterOrder, int wordOrder, int beta, Casing casing, boolean whitespace) {
    private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    public Chrf {
        if (characterOrder < 1 || wordOrder < 0 || beta < 1) {
            throw new EvaluationException("chrF: character order " + characterOrder + ", word order " + wordOrder
                    + ", beta " + beta + ", allowed: at least 1, 0 and 1");
        }
    }

    /** chrF2: characters up to 6-grams, recall twice as important as precision. */
    public static Chrf standard() {
        return new Chrf(6, 0, 2, Casing.MIXED, false);
    }

    /** chrF2++: {@link #standard} with word uni- and bigrams. */
    public static Chrf plusPlus() {
        return new Chrf(6, 2, 2, Casing.MIXED, false);
    }

    public Score sentence(Segment segment) {
        return corpus(List.of(segment));
    }

    public Score corpus(List<Segment> segments) {
        Signature.requireSegments("chrF", segments);
        Counts sum = new Counts(characterOrder + wordOrder);
        for (Segment segment : segments) {
            List<Map<Object, Integer>> hypothesis = ngrams(segment.hypothesis());
            List<String> references = segment.references();
            Counts best = compare(hypothesis, ngrams(references.get(0)));
            for (String reference : references.subList(1, references.size())) {
                Counts counts = compare(hypothesis, ngrams(reference));
                best = fScore(counts) > fScore(best) ? counts : best;
            }
            sum.add(best);
        }
        return new Score("chrF" + beta + "+".repeat(wordOrder), 100 * fScore(sum), signature(segments));
    }

    /** n-grams of each order, characters first. */
    private List<Map<Object, Integer>> ngrams(String text) {
        String line = casing.apply(text);
        List<Map<Object, Integer>> orders = new ArrayList<>(characterOrder + wordOrder);
        String letters = whitespace ? line : String.join("", Texts.words(line));
        int[] starts = codePointStarts(letters);
        for (int n = 1; n <= characterOrder; n++) {
            Map<Object, Integer> counts = new HashMap<>();
            for (int i = 0; i + n < starts.length; i++) {
                counts.merge(letters.substring(starts[i], starts[i + n]), 1, Integer::sum);
            }
            orders.add(counts);
        }
        List<String> words = wordOrder == 0 ? List.of() : words(line);
        for (int n = 1; n <= wordOrder; n++) {
            Map<Object, Integer> counts = new HashMap<>();
            for (int i = 0; i + n <= words.size(); i++) {
                counts.merge(words.subList(i, i + n), 1, Integer::sum);
            }
            orders.add(counts);
        }
        return orders;
    }

    /** Where each code point starts, and the end of the text. */
    private static int[] codePointStarts(String text) {
        int[] starts = new int[text.codePointCount(0, text.length()) + 1];
        for (int i = 1; i < starts.length; i++) {
            starts[i] = text.offsetByCodePoints(starts[i - 1], 1);
        }
        return starts;
    }

    /** Words with one ASCII punctuation mark taken off: the last character if it is one, else the first. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        for (String word : Texts.words(line)) {
            int last = word.length() - 1;
            if (last > 0 && PUNCTUATION.indexOf(word.charAt(last)) >= 0) {
                words.add(word.substring(0, last));
                words.add(word.substring(last));
            } else if (last > 0 && PUNCTUATION.indexOf(word.charAt(0)) >= 0) {
                words.add(word.substring(0, 1));
                words.add(word.substring(1));
            } else {
                words.add(word);
            }
        }
        return words;
    }

    private static Counts compare(List<Map<Object, Integer>> hypothesis, List<Map<Object, Integer>> reference) {
        Counts counts = new Counts(hypothesis.size());
        for (int n = 0; n < hypothesis.size(); n++) {
            Map<Object, Integer> allowed = reference.get(n);
            for (int count : allowed.values()) {
                counts.references[n] += count;
            }
            // A reference too short for this order says nothing about the hypothesis.
            if (counts.references[n] == 0) {
                continue;
            }
            for (Map.Entry<Object, Integer> ngram : hypothesis.get(n).entrySet()) {
                counts.hypotheses[n] += ngram.getValue();
                counts.matches[n] += Math.min(ngram.getValue(), allowed.getOrDefault(ngram.getKey(), 0));
            }
        }
        return counts;
    }

    private double fScore(Counts counts) {
        double precision = 0;
        double recall = 0;
        int orders = 0;
        for (int n = 0; n < counts.matches.length; n++) {
            if (counts.hypotheses[n] > 0 && counts.references[n] > 0) {
                precision += (double) counts.matches[n] / counts.hypotheses[n];
                recall += (double) counts.matches[n] / counts.references[n];
                orders++;
            }
        }
        if (precision + recall == 0) {
            return 0;
        }
        precision /= orders;
        recall /= orders;
        double factor = (double) beta * beta;
        return (1 + factor) * precision * recall / (factor * precision + recall);
    }

    private String signature(List<Segment> segments) {
        return Signature.of(
                segments,
                "case:" + casing.tag() + "|eff:yes|nc:" + characterOrder + "|nw:" + wordOrder + "|space:"
                        + (whitespace ? "yes" : "no"));
    }

    /** n-grams of each order in the hypotheses, in the references and in both. */
    private static final class Counts {
        private final long[] hypotheses;
        private final long[] references;
        private final long[] matches;

        Counts(int orders) {
            hypotheses = new long[orders];
            references = new long[orders];
            matches = new long[orders];
        }

        void add(Counts other) {
            for (int n = 0; n < matches.length; n++) {
                hypotheses[n] += other.hypotheses[n];
                references[n] += other.references[n];
                matches[n] += other.matches[n];
            }
        }
    }

    /**
     * A chrF score.
     *
     * @param name chrF2, chrF2++ ...
     * @param score 0 to 100
     * @param signature how it was computed
     */
    public record Score(String name, double score, String signature) {

        /** sacreBLEU's line: {@code chrF2|nrefs:1|... = 57.72}. */
        @Override
        public String toString() {
            return name + "|" + signature + " = " + Texts.fixed(score, 2);
        }
    }
}
