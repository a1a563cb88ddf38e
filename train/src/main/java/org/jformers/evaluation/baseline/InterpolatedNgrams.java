package org.jformers.evaluation.baseline;

import java.util.Arrays;

/**
 * Jelinek-Mercer interpolation (Jelinek and Mercer 1980): relative frequencies after two, one and no tokens, mixed with
 * weights that depend on the history, down to the uniform distribution. Histories share a weight by how often, on
 * average, each token that follows them does so, which tells more than how often they occur (Chen and Goodman 1998,
 * section 4.1.2). The weights are those that make held-out text likeliest, found by expectation maximisation.
 */
final class InterpolatedNgrams implements NextToken {
    private static final int ROUNDS = 40;
    private static final int CLASSES = 40;
    private static final int CLASSES_PER_OCTAVE = 4;
    /** What is always left to shorter histories. */
    private static final double LEAST_REST = 1e-9;

    private final NgramCounts counts;
    private final int order;
    private final double[][] weights;

    /** Mixes histories up to order - 1 tokens with weights that were fitted. */
    InterpolatedNgrams(NgramCounts counts, int order, double[][] weights) {
        this.counts = counts;
        this.order = order;
        this.weights = weights;
    }

    /** Fits the weights of an order (1 to 3) over these counts; each row of heldOut is u, v, w. */
    static double[][] fit(NgramCounts counts, int order, int[][] heldOut) {
        double[][] weights = new double[order][CLASSES];
        for (double[] level : weights) {
            Arrays.fill(level, 0.5);
        }
        for (int level = 1; level <= order; level++) {
            new InterpolatedNgrams(counts, level, weights).fitHighest(heldOut);
        }
        return weights;
    }

    /** Fits the weights of the longest histories, those of the shorter ones being settled. */
    private void fitHighest(int[][] heldOut) {
        InterpolatedNgrams shorter = new InterpolatedNgrams(counts, order - 1, weights);
        int[] classes = new int[heldOut.length];
        double[] frequency = new double[heldOut.length];
        double[] rest = new double[heldOut.length];
        for (int i = 0; i < heldOut.length; i++) {
            int[] event = heldOut[i];
            History history = history(order, event[0], event[1]);
            classes[i] = history.total == 0 ? -1 : history.weightClass();
            frequency[i] = history.total == 0 ? 0 : (double) count(order, history.id, event[2]) / history.total;
            rest[i] = shorter.probability(event[0], event[1], event[2]);
        }
        double[] level = weights[order - 1];
        for (int round = 0; round < ROUNDS; round++) {
            double[] explained = new double[level.length];
            double[] seen = new double[level.length];
            for (int i = 0; i < heldOut.length; i++) {
                if (classes[i] >= 0) {
                    double share = level[classes[i]] * frequency[i];
                    explained[classes[i]] += share / (share + (1 - level[classes[i]]) * rest[i]);
                    seen[classes[i]]++;
                }
            }
            // Each class starts from its neighbour, by two tokens' worth: some are met for the first time later on.
            double neighbour = 0.5;
            for (int k = 0; k < level.length; k++) {
                level[k] = Math.min(1 - LEAST_REST, (explained[k] + 2 * neighbour) / (seen[k] + 2));
                neighbour = level[k];
            }
        }
    }

    @Override
    public double probability(int u, int v, int w) {
        double probability = 1.0 / counts.vocabulary();
        for (int level = 1; level <= order; level++) {
            History history = history(level, u, v);
            if (history.total > 0) {
                double weight = weights[level - 1][history.weightClass()];
                double frequency = (double) count(level, history.id, w) / history.total;
                probability = weight * frequency + (1 - weight) * probability;
            }
        }
        return probability;
    }

    private History history(int level, int u, int v) {
        if (level == 1) {
            return new History(0, counts.tokens(), counts.tokens());
        }
        if (level == 2) {
            return new History(v, counts.total(v), counts.followers(v));
        }
        int id = counts.bigram(u, v);
        return id < 0 ? History.UNSEEN : new History(id, counts.bigramTotal(id), counts.bigramFollowers(id));
    }

    private int count(int level, int history, int w) {
        if (level == 1) {
            return counts.unigram(w);
        }
        if (level == 2) {
            int bigram = counts.bigram(history, w);
            return bigram < 0 ? 0 : counts.bigramCount(bigram);
        }
        int trigram = counts.trigram(history, w);
        return trigram < 0 ? 0 : counts.trigramCount(trigram);
    }

    /**
     * What went before.
     *
     * @param id number of the history among those of its length
     * @param total tokens that followed it
     * @param followers distinct tokens that followed it; all of them for the empty history, which is alone in its class
     */
    private record History(int id, long total, long followers) {
        static final History UNSEEN = new History(-1, 0, 0);

        int weightClass() {
            double octaves = Math.log((double) total / followers) / Math.log(2);
            return Math.min(CLASSES - 1, (int) (CLASSES_PER_OCTAVE * octaves));
        }
    }
}
