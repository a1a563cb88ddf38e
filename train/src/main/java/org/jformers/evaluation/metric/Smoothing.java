package org.jformers.evaluation.metric;

import org.jformers.evaluation.EvaluationException;

/**
 * What BLEU does about n-gram orders without a match, which would make it zero: the methods of Chen and Cherry (2014),
 * "A Systematic Comparison of Smoothing Techniques for Sentence-Level BLEU", under sacreBLEU's names.
 */
public sealed interface Smoothing {
    Smoothing NONE = new None();
    Smoothing EXPONENTIAL = new Exponential();

    static Smoothing floor(double value) {
        return new Floor(value);
    }

    static Smoothing addK(double value) {
        return new AddK(value);
    }

    /** As it stands in a signature: {@code exp}, {@code floor[0.10]}. */
    String tag();

    /** What is added to matches and totals of the orders above one. */
    default double added() {
        return 0;
    }

    /**
     * Precision in percent of an order without a match.
     *
     * @param zeros how many orders up to this one had no match, this one included
     * @param total n-grams of this order in the hypotheses
     */
    default double zeroPrecision(int zeros, double total) {
        return 0;
    }

    /** Zero stays zero. */
    record None() implements Smoothing {
        @Override
        public String tag() {
            return "none";
        }
    }

    /** Method 3, NIST's: the k-th order without a match counts 1/2^k matches. */
    record Exponential() implements Smoothing {
        @Override
        public String tag() {
            return "exp";
        }

        @Override
        public double zeroPrecision(int zeros, double total) {
            return 100 / (Math.pow(2, zeros) * total);
        }
    }

    /** Method 1: an order without a match counts {@code value} matches (0.1 in the paper). */
    record Floor(double value) implements Smoothing {
        public Floor {
            requirePositive("floor", value);
        }

        @Override
        public String tag() {
            return "floor[" + Texts.fixed(value, 2) + "]";
        }

        @Override
        public double zeroPrecision(int zeros, double total) {
            return 100 * value / total;
        }
    }

    /** Method 2: {@code value} more matches and n-grams in every order above one (1 in the paper). */
    record AddK(double value) implements Smoothing {
        public AddK {
            requirePositive("add-k", value);
        }

        @Override
        public String tag() {
            return "add-k[" + Texts.fixed(value, 2) + "]";
        }

        @Override
        public double added() {
            return value;
        }
    }

    private static void requirePositive(String method, double value) {
        if (!(value > 0)) {
            throw new EvaluationException("smoothing " + method + ": value " + value + ", allowed: above 0");
        }
    }
}
