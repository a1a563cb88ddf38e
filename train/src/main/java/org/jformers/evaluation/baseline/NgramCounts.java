package org.jformers.evaluation.baseline;

import java.util.Arrays;

/**
 * How often each token followed nothing, one token and two tokens. A bigram (v, w) has a number; the trigram (u, v, w)
 * is kept under the number of (u, v), so that what belongs to a history lies in an array by that number.
 */
final class NgramCounts {
    private final int vocabulary;
    private final LongIndex bigrams = new LongIndex();
    private final LongIndex trigrams = new LongIndex();
    private final int[] unigramCounts;
    private int[] bigramCounts = new int[1 << 10];
    private int[] trigramCounts = new int[1 << 10];
    private final int[] unigramTotals;
    private final int[] unigramFollowers;
    private int[] bigramTotals = new int[1 << 10];
    private int[] bigramFollowers = new int[1 << 10];
    private long tokens;

    NgramCounts(int vocabulary) {
        this.vocabulary = vocabulary;
        unigramCounts = new int[vocabulary];
        unigramTotals = new int[vocabulary];
        unigramFollowers = new int[vocabulary];
    }

    /** Counts w after u and v. */
    void add(int u, int v, int w) {
        tokens++;
        unigramCounts[w]++;
        int bigram = bigrams.add(key(v, w));
        int history = bigrams.add(key(u, v));
        int trigram = trigrams.add(key(history, w));
        bigramCounts = fit(bigramCounts, bigrams.size());
        bigramTotals = fit(bigramTotals, bigrams.size());
        bigramFollowers = fit(bigramFollowers, bigrams.size());
        trigramCounts = fit(trigramCounts, trigrams.size());
        unigramFollowers[v] += bigramCounts[bigram]++ == 0 ? 1 : 0;
        unigramTotals[v]++;
        bigramFollowers[history] += trigramCounts[trigram]++ == 0 ? 1 : 0;
        bigramTotals[history]++;
    }

    long tokens() {
        return tokens;
    }

    int vocabulary() {
        return vocabulary;
    }

    int unigram(int w) {
        return unigramCounts[w];
    }

    int bigrams() {
        return bigrams.size();
    }

    /** The number of (v, w), or -1 if it never occurred. */
    int bigram(int v, int w) {
        return bigrams.find(key(v, w));
    }

    /** How often the bigram of that number was counted; 0 for one that is only a history. */
    int bigramCount(int bigram) {
        return bigramCounts[bigram];
    }

    /** How many tokens followed v. */
    int total(int v) {
        return unigramTotals[v];
    }

    /** How many different tokens followed v. */
    int followers(int v) {
        return unigramFollowers[v];
    }

    /** How many tokens followed the bigram of that number. */
    int bigramTotal(int bigram) {
        return bigramTotals[bigram];
    }

    /** How many different tokens followed the bigram of that number. */
    int bigramFollowers(int bigram) {
        return bigramFollowers[bigram];
    }

    int first(int bigram) {
        return (int) (bigrams.key(bigram) / vocabulary);
    }

    int second(int bigram) {
        return (int) (bigrams.key(bigram) % vocabulary);
    }

    int trigrams() {
        return trigrams.size();
    }

    /** The number of w after the history of that number, or -1 if it never occurred. */
    int trigram(int history, int w) {
        return trigrams.find(key(history, w));
    }

    int trigramCount(int trigram) {
        return trigramCounts[trigram];
    }

    int history(int trigram) {
        return (int) (trigrams.key(trigram) / vocabulary);
    }

    int third(int trigram) {
        return (int) (trigrams.key(trigram) % vocabulary);
    }

    private long key(int before, int w) {
        return (long) before * vocabulary + w;
    }

    private static int[] fit(int[] counts, int size) {
        return size <= counts.length ? counts : Arrays.copyOf(counts, 2 * size);
    }
}
