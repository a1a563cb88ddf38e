package org.jformers.evaluation.baseline;

/**
 * Interpolated Kneser-Ney trigram with three discounts per order (Chen and Goodman 1998, "modified Kneser-Ney"): the
 * strongest of the classical n-gram models. Shorter histories count in how many different contexts a token appeared,
 * not how often.
 */
final class KneserNeyTrigram implements NextToken {
    private final NgramCounts counts;
    // Bigrams and unigrams: different tokens seen before them.
    private final int[] bigramContexts;
    private final int[] unigramContexts;
    private final Level trigram;
    private final Level bigram;
    private final Level unigram;

    KneserNeyTrigram(NgramCounts counts) {
        this.counts = counts;
        bigramContexts = new int[counts.bigrams()];
        unigramContexts = new int[counts.vocabulary()];
        for (int i = 0; i < counts.trigrams(); i++) {
            bigramContexts[counts.bigram(counts.second(counts.history(i)), counts.third(i))]++;
        }
        for (int i = 0; i < counts.bigrams(); i++) {
            unigramContexts[counts.second(i)] += counts.bigramCount(i) > 0 ? 1 : 0;
        }
        trigram = new Level(counts.bigrams());
        for (int i = 0; i < counts.trigrams(); i++) {
            trigram.add(counts.history(i), counts.trigramCount(i));
        }
        trigram.estimateDiscounts();
        bigram = new Level(counts.vocabulary());
        for (int i = 0; i < counts.bigrams(); i++) {
            bigram.add(counts.first(i), bigramContexts[i]);
        }
        bigram.estimateDiscounts();
        unigram = new Level(1);
        for (int contexts : unigramContexts) {
            unigram.add(0, contexts);
        }
        unigram.estimateDiscounts();
    }

    @Override
    public double probability(int u, int v, int w) {
        double uniform = 1.0 / counts.vocabulary();
        int vw = counts.bigram(v, w);
        int uv = counts.bigram(u, v);
        int uvw = uv < 0 ? -1 : counts.trigram(uv, w);
        double afterNone = unigram.probability(0, unigramContexts[w], uniform);
        double afterOne = bigram.probability(v, vw < 0 ? 0 : bigramContexts[vw], afterNone);
        return uv < 0 ? afterOne : trigram.probability(uv, uvw < 0 ? 0 : counts.trigramCount(uvw), afterOne);
    }

    /** The histories of one length: what followed them, and how much of it is kept for what never did. */
    private static final class Level {
        private final long[] totals;
        private final int[][] followers;
        private final long[] countsOfCounts = new long[5];
        private final double[] discounts = new double[4];

        Level(int histories) {
            totals = new long[histories];
            followers = new int[3][histories];
        }

        void add(int history, int count) {
            if (count > 0) {
                totals[history] += count;
                followers[Math.min(count, 3) - 1][history]++;
                if (count < countsOfCounts.length) {
                    countsOfCounts[count]++;
                }
            }
        }

        double probability(int history, int count, double shorter) {
            if (totals[history] == 0) {
                return shorter;
            }
            double kept = 0;
            for (int k = 1; k <= 3; k++) {
                kept += discounts[k] * followers[k - 1][history];
            }
            return (count - discounts[Math.min(count, 3)] + kept * shorter) / totals[history];
        }

        /** Chen and Goodman's estimate, from how many n-grams occurred once to four times. */
        void estimateDiscounts() {
            for (int k = 1; k <= 3; k++) {
                discounts[k] = discount(k);
            }
        }

        /** Half of k where there is too little to estimate from. */
        private double discount(int k) {
            if (countsOfCounts[k] == 0 || countsOfCounts[1] == 0) {
                return k / 2.0;
            }
            double y = (double) countsOfCounts[1] / (countsOfCounts[1] + 2 * countsOfCounts[2]);
            double estimate = k - (k + 1) * y * countsOfCounts[k + 1] / countsOfCounts[k];
            return estimate > 0 && estimate < k ? estimate : k / 2.0;
        }
    }
}
