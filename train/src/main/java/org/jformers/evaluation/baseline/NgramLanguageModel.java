package org.jformers.evaluation.baseline;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jformers.evaluation.EvaluationException;

/**
 * n-gram language models over token ids, the yardstick of a language model: one must beat the interpolated trigram, and
 * the Kneser-Ney trigram to be good. Every token of a document is predicted from the two before it, and so is the
 * end-of-text token behind it; the first stands behind end-of-text. No token has probability zero.
 *
 * <p>Documents are token ids without end-of-text; one at the end of a document is taken as its end. Bits per byte
 * compare models with different vocabularies: give both the same text, and the same end after each document.
 */
public final class NgramLanguageModel {
    /** One document in so many sets the interpolation weights; all of them are counted in the end. */
    private static final int HELD_OUT = 20;

    /** What a token is predicted from. */
    public enum Kind {
        /** Nothing: how often the token occurs. */
        UNIGRAM(1),
        /** The token before it, mixed with less. */
        BIGRAM(2),
        /** The two tokens before it, mixed with less: the interpolated trigram. */
        TRIGRAM(3),
        /** The two tokens before it, by modified Kneser-Ney discounting. */
        KNESER_NEY_TRIGRAM(3);

        private final int order;

        Kind(int order) {
            this.order = order;
        }
    }

    private final Kind kind;
    private final int vocabulary;
    private final int endOfText;
    private final NextToken nextToken;

    private NgramLanguageModel(Kind kind, int vocabulary, int endOfText, NextToken nextToken) {
        this.kind = kind;
        this.vocabulary = vocabulary;
        this.endOfText = endOfText;
        this.nextToken = nextToken;
    }

    /**
     * Counts the documents; interpolation weights come from every twentieth of them, or, where there are fewer than
     * twenty, from the last twentieth of each.
     *
     * @param kind which model
     * @param vocabulary number of token ids, end-of-text included
     * @param endOfText its id
     * @param documents ids from 0 to vocabulary - 1; at least one document
     */
    public static NgramLanguageModel train(Kind kind, int vocabulary, int endOfText, Iterable<int[]> documents) {
        if (endOfText < 0 || endOfText >= vocabulary) {
            throw new EvaluationException("n-gram model: end-of-text id " + endOfText + ", allowed: 0 to "
                    + (vocabulary - 1));
        }
        List<int[]> texts = new ArrayList<>();
        documents.forEach(texts::add);
        if (texts.isEmpty()) {
            throw new EvaluationException("n-gram model: no documents to train on, allowed: one or more");
        }
        NgramCounts all = new NgramCounts(vocabulary);
        texts.forEach(text -> visit(text, vocabulary, endOfText, (u, v, w, position) -> all.add(u, v, w)));
        NextToken nextToken = kind == Kind.KNESER_NEY_TRIGRAM
                ? new KneserNeyTrigram(all)
                : new InterpolatedNgrams(all, kind.order, weights(kind, vocabulary, endOfText, texts));
        return new NgramLanguageModel(kind, vocabulary, endOfText, nextToken);
    }

    private static double[][] weights(Kind kind, int vocabulary, int endOfText, List<int[]> texts) {
        NgramCounts counts = new NgramCounts(vocabulary);
        List<int[]> heldOut = new ArrayList<>();
        boolean byDocument = texts.size() >= HELD_OUT;
        for (int i = 0; i < texts.size(); i++) {
            boolean whole = byDocument && i % HELD_OUT == HELD_OUT - 1;
            int length = texts.get(i).length;
            int end = whole ? 0 : byDocument ? Integer.MAX_VALUE : length - length / HELD_OUT;
            visit(texts.get(i), vocabulary, endOfText, (u, v, w, position) -> {
                if (position < end) {
                    counts.add(u, v, w);
                } else {
                    heldOut.add(new int[] {u, v, w});
                }
            });
        }
        return InterpolatedNgrams.fit(counts, kind.order, heldOut.toArray(int[][]::new));
    }

    /** Total of -log2 of the probabilities of the document's tokens and of the end-of-text behind them. */
    public double bits(int[] document) {
        double[] bits = new double[1];
        visit(document, vocabulary, endOfText, (u, v, w, position) ->
                bits[0] -= Math.log(nextToken.probability(u, v, w)) / Math.log(2));
        return bits[0];
    }

    /** How well the model predicts documents it has not seen. */
    public Evaluation evaluate(Iterable<int[]> documents) {
        long tokens = 0;
        double bits = 0;
        for (int[] document : documents) {
            tokens += length(document, endOfText) + 1;
            bits += bits(document);
        }
        return new Evaluation(kind, tokens, bits);
    }

    /** Probability of each token at the end of a text; sums to 1. */
    public double[] next(int... text) {
        int last = text.length == 0 ? endOfText : text[text.length - 1];
        int before = text.length < 2 ? endOfText : text[text.length - 2];
        double[] probabilities = new double[vocabulary];
        for (int w = 0; w < vocabulary; w++) {
            probabilities[w] = nextToken.probability(before, last, w);
        }
        return probabilities;
    }

    private interface Visitor {
        /** Token w at a position of its document, after u and v. */
        void visit(int u, int v, int w, int position);
    }

    private static void visit(int[] document, int vocabulary, int endOfText, Visitor visitor) {
        int u = endOfText;
        int v = endOfText;
        int length = length(document, endOfText);
        for (int i = 0; i <= length; i++) {
            int w = i == length ? endOfText : document[i];
            if (w < 0 || w >= vocabulary) {
                throw new EvaluationException("n-gram model: token id " + w + ", allowed: 0 to " + (vocabulary - 1)
                        + ", position " + i + " of its document");
            }
            visitor.visit(u, v, w, i);
            u = v;
            v = w;
        }
    }

    /** Tokens before the end-of-text. */
    private static int length(int[] document, int endOfText) {
        int length = document.length;
        return length > 0 && document[length - 1] == endOfText ? length - 1 : length;
    }

    /**
     * How well documents were predicted.
     *
     * @param kind the model
     * @param tokens tokens predicted, one end-of-text for each document among them
     * @param bits total of -log2 of their probabilities
     */
    public record Evaluation(Kind kind, long tokens, double bits) {

        /** Bits for each byte of the documents' text in UTF-8, which does not depend on the vocabulary. */
        public double bitsPerByte(long utf8Bytes) {
            return bits / utf8Bytes;
        }

        /** Inverse of the mean probability of a token (geometric mean). */
        public double perplexity() {
            return Math.pow(2, bits / tokens);
        }

        /** {@code trigram: perplexity = 65.21 bits per token = 6.0270 (n = 117659)}. */
        @Override
        public String toString() {
            String name = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            return name + ": perplexity = " + decimals(perplexity(), 2) + " bits per token = "
                    + decimals(bits / tokens, 4) + " (n = " + tokens + ")";
        }

        private static String decimals(double value, int places) {
            return BigDecimal.valueOf(value).setScale(places, RoundingMode.HALF_EVEN).toPlainString();
        }
    }
}
