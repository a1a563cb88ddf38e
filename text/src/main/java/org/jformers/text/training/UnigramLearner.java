package org.jformers.text.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.TokenizerException;

/**
 * Learns a unigram language model of pieces by expectation maximization: from many frequent substrings, those go whose
 * loss costs the least likelihood, until the vocabulary is small enough. Source: Kudo, arXiv:1804.10959; the steps,
 * with a Bayesian M step, are those of sentencepiece and the tokenizers library.
 */
final class UnigramLearner {
    private static final int MOST_SEEDS = 1_000_000;
    /** The reference counts the unknown piece among the others while it learns. */
    private static final int UNKNOWN_PIECE = 1;

    private static final double LEAST_EXPECTED = 0.5;
    private static final double PENALTY_STEP = 0.0001;
    /** Work is cut the same way on every machine, so that sums are rounded alike. */
    private static final int PARTS = 8;

    private final int vocabularySize;
    private final int specialTokens;
    private final int subIterations;
    private final double shrinkingFactor;
    private final int longestPiece;
    private final TrainingProgress progress;

    private List<String> words = List.of();
    private long[] counts = {};
    private List<Piece> pieces = new ArrayList<>();

    /** A piece with its log probability. */
    record Piece(String text, double score) {}

    /**
     * @param vocabularySize tokens in all
     * @param specialTokens those among them that are not learned
     */
    UnigramLearner(
            int vocabularySize,
            int specialTokens,
            int subIterations,
            double shrinkingFactor,
            int longestPiece,
            TrainingProgress progress) {
        this.vocabularySize = vocabularySize;
        this.specialTokens = specialTokens;
        this.subIterations = subIterations;
        this.shrinkingFactor = shrinkingFactor;
        this.longestPiece = longestPiece;
        this.progress = progress;
    }

    /**
     * Learns from words.
     *
     * @param alphabet characters that become pieces in any case
     * @return pieces, the most probable first
     */
    List<Piece> learn(Map<String, Long> wordCounts, String alphabet) {
        words = wordCounts.keySet().stream().filter(word -> !word.isEmpty()).sorted().toList();
        counts = words.stream().mapToLong(wordCounts::get).toArray();
        Set<String> required = new LinkedHashSet<>();
        words.forEach(word -> word.codePoints().forEach(c -> required.add(Character.toString(c))));
        alphabet.codePoints().forEach(c -> required.add(Character.toString(c)));
        if (required.size() + specialTokens > vocabularySize) {
            throw new TokenizerException("vocabulary size must be >= " + (required.size() + specialTokens)
                    + " for the characters of the texts and the special tokens, got " + vocabularySize);
        }
        seed();
        int enough = vocabularySize * 11 / 10;
        while (true) {
            for (int i = 0; i < subIterations; i++) {
                maximize(expected());
            }
            int done = Math.min(vocabularySize, (int) ((long) vocabularySize * enough / Math.max(pieces.size(), 1)));
            progress.update(TrainingProgress.Stage.LEARNING, done, vocabularySize);
            if (pieces.size() + UNKNOWN_PIECE <= enough) {
                break;
            }
            prune(enough);
        }
        progress.update(TrainingProgress.Stage.LEARNING, vocabularySize, vocabularySize);
        return finished(required);
    }

    private void seed() {
        List<FrequentSubstrings.Seed> seeds = FrequentSubstrings.of(words, counts, longestPiece, MOST_SEEDS);
        double logSum = Math.log(seeds.stream().mapToDouble(FrequentSubstrings.Seed::weight).sum());
        seeds.forEach(seed -> pieces.add(new Piece(seed.text(), Math.log(seed.weight()) - logSum)));
    }

    /** Expected counts of the pieces under the current model. */
    private double[] expected() {
        UnigramLattice.Model model = new UnigramLattice.Model(pieces);
        double[][] parts = IntStream.range(0, PARTS)
                .parallel()
                .mapToObj(part -> {
                    double[] expected = new double[pieces.size()];
                    UnigramLattice lattice = new UnigramLattice(model);
                    for (int w = bound(part); w < bound(part + 1); w++) {
                        lattice.set(words.get(w));
                        lattice.addExpected(counts[w], expected);
                    }
                    return expected;
                })
                .toArray(double[][]::new);
        return sum(parts);
    }

    private int bound(int part) {
        return (int) ((long) words.size() * part / PARTS);
    }

    private static double[] sum(double[][] parts) {
        double[] sum = parts[0];
        for (int part = 1; part < parts.length; part++) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += parts[part][i];
            }
        }
        return sum;
    }

    /** New probabilities; pieces that are hardly expected go. A sparse prior: digamma instead of the logarithm. */
    private void maximize(double[] expected) {
        double sum = 0;
        List<Piece> kept = new ArrayList<>();
        for (int i = 0; i < expected.length; i++) {
            if (expected[i] >= LEAST_EXPECTED) {
                sum += expected[i];
                kept.add(new Piece(pieces.get(i).text(), expected[i]));
            }
        }
        double logSum = digamma(sum);
        kept.replaceAll(piece -> new Piece(piece.text(), digamma(piece.score()) - logSum));
        pieces = kept;
    }

    /** Drops the pieces whose loss reduces the likelihood least. */
    private void prune(int enough) {
        UnigramLattice.Model model = new UnigramLattice.Model(pieces);
        int size = pieces.size();
        boolean[] keep = new boolean[size];
        int[][] alternatives = new int[size][];
        IntStream.range(0, PARTS).parallel().forEach(part -> {
            UnigramLattice lattice = new UnigramLattice(model);
            for (int id = (int) ((long) size * part / PARTS); id < (int) ((long) size * (part + 1) / PARTS); id++) {
                lattice.set(pieces.get(id).text());
                boolean whole = lattice.best().length == 1;
                int[] second = lattice.secondBest();
                keep[id] = second == null || whole;
                alternatives[id] = second == null || !whole ? new int[0] : second;
            }
        });
        double[] frequencies = frequencies(model);
        double sum = Arrays.stream(frequencies).sum();
        double words = Arrays.stream(counts).sum();
        double logSum = Math.log(sum);
        List<Piece> kept = new ArrayList<>();
        List<Integer> candidates = new ArrayList<>();
        double[] losses = new double[size];
        for (int id = 0; id < size; id++) {
            double frequency = frequencies[id];
            if (frequency == 0 && !keep[id]) {
                continue;
            }
            if (alternatives[id].length == 0) {
                kept.add(pieces.get(id));
                continue;
            }
            if (frequency == 0) {
                continue;
            }
            // The reference counts all pieces here, not the alternatives of this one.
            double logSumWithout = Math.log(sum + frequency * size);
            double logAlternative = 0;
            for (int alternative : alternatives[id]) {
                double other = frequencies[alternative < 0 ? size : alternative];
                logAlternative += Math.log(other + frequency) - logSumWithout;
            }
            losses[id] = frequency / words * (Math.log(frequency) - logSum - logAlternative);
            candidates.add(id);
        }
        int target = Math.max(enough, (int) ((size + UNKNOWN_PIECE) * shrinkingFactor)) - UNKNOWN_PIECE;
        candidates.sort(Comparator.comparingDouble((Integer id) -> -losses[id]));
        for (int i = 0; i < candidates.size() && kept.size() < target; i++) {
            kept.add(pieces.get(candidates.get(i)));
        }
        pieces = kept;
    }

    /** How often each piece stands on the best paths; the last number is that of unknown characters. */
    private double[] frequencies(UnigramLattice.Model model) {
        double[][] parts = IntStream.range(0, PARTS)
                .parallel()
                .mapToObj(part -> {
                    double[] frequencies = new double[pieces.size() + UNKNOWN_PIECE];
                    UnigramLattice lattice = new UnigramLattice(model);
                    for (int w = bound(part); w < bound(part + 1); w++) {
                        lattice.set(words.get(w));
                        for (int id : lattice.best()) {
                            frequencies[id < 0 ? pieces.size() : id] += counts[w];
                        }
                    }
                    return frequencies;
                })
                .toArray(double[][]::new);
        return sum(parts);
    }

    /** All required characters, then the best pieces up to the size; the most probable first. */
    private List<Piece> finished(Set<String> required) {
        double least = pieces.stream().mapToDouble(Piece::score).min().orElse(0);
        Map<String, Double> scores = new HashMap<>();
        pieces.forEach(piece -> scores.put(piece.text(), piece.score()));
        List<Piece> result = new ArrayList<>();
        double penalty = 0;
        for (String character : required.stream().sorted().toList()) {
            Double score = scores.get(character);
            result.add(new Piece(character, score == null ? least + penalty : score));
            penalty += score == null ? PENALTY_STEP : 0;
        }
        for (Piece piece : pieces) {
            if (result.size() >= vocabularySize - specialTokens) {
                break;
            }
            if (!required.contains(piece.text())) {
                result.add(piece);
            }
        }
        result.sort(Comparator.comparingDouble(Piece::score).reversed());
        return result;
    }

    private static double digamma(double value) {
        double x = value;
        double result = 0;
        for (; x < 7; x++) {
            result -= 1 / x;
        }
        x -= 0.5;
        double square = 1 / (x * x);
        double fourth = square * square;
        return result + Math.log(x) + square / 24 - 7.0 / 960 * fourth + 31.0 / 8064 * fourth * square
                - 127.0 / 30720 * fourth * fourth;
    }
}
