package org.jformers.evaluation.metric;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Precision, recall and their harmonic mean; a ratio without a denominator is 0.
 *
 * @param precision share of what was found that is right
 * @param recall share of what is right that was found
 * @param f1 harmonic mean of the two
 * @param support how many there are to find
 */
public record PrecisionRecall(double precision, double recall, double f1, long support) {

    /**
     * @param right found and right
     * @param found found
     * @param support there to find
     */
    public static PrecisionRecall of(long right, long found, long support) {
        return of(ratio(right, found), ratio(right, support), support);
    }

    static PrecisionRecall of(double precision, double recall, long support) {
        double sum = precision + recall;
        return new PrecisionRecall(precision, recall, sum == 0 ? 0 : 2 * precision * recall / sum, support);
    }

    /** Means of the three figures, each part weighing alike. */
    static PrecisionRecall mean(List<PrecisionRecall> parts) {
        return mean(parts, part -> 1);
    }

    /** Means of the three figures, each part weighing as much as it has support. */
    static PrecisionRecall weightedMean(List<PrecisionRecall> parts) {
        return mean(parts, PrecisionRecall::support);
    }

    private static PrecisionRecall mean(List<PrecisionRecall> parts, ToDoubleFunction<PrecisionRecall> weight) {
        double precision = 0;
        double recall = 0;
        double f1 = 0;
        double weights = 0;
        long support = 0;
        for (PrecisionRecall part : parts) {
            double each = weight.applyAsDouble(part);
            precision += each * part.precision;
            recall += each * part.recall;
            f1 += each * part.f1;
            weights += each;
            support += part.support;
        }
        return new PrecisionRecall(precision / weights, recall / weights, f1 / weights, support);
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /** {@code precision = 75.00 recall = 75.25 f1 = 74.94 (support = 20)}. */
    @Override
    public String toString() {
        return "precision = " + Texts.fixed(100 * precision, 2) + " recall = " + Texts.fixed(100 * recall, 2) + " f1 = "
                + Texts.fixed(100 * f1, 2) + " (support = " + support + ")";
    }
}
