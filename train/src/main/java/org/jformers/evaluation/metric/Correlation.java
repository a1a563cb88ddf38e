package org.jformers.evaluation.metric;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.evaluation.EvaluationException;

/**
 * How predicted numbers follow true ones; both correlations are NaN when a side is constant or holds one.
 *
 * @param pearson linear correlation
 * @param spearman Pearson correlation of the ranks; equal values share the mean of their ranks
 * @param meanSquaredError mean of the squared differences
 * @param meanAbsoluteError mean of the absolute differences
 * @param pairs how many numbers were compared
 */
public record Correlation(
        double pearson, double spearman, double meanSquaredError, double meanAbsoluteError, int pairs) {

    /** Prediction i belongs to truth i; at least two. */
    public static Correlation of(double[] truth, double[] predicted) {
        if (truth.length != predicted.length || truth.length < 2) {
            throw new EvaluationException("correlation: " + predicted.length + " predictions for " + truth.length
                    + " true values, allowed: as many of each, two or more");
        }
        double squares = 0;
        double differences = 0;
        for (int i = 0; i < truth.length; i++) {
            squares += (truth[i] - predicted[i]) * (truth[i] - predicted[i]);
            differences += Math.abs(truth[i] - predicted[i]);
        }
        // Means are rounded: what is constant would differ from its own.
        boolean undefined = isConstant(truth) || isConstant(predicted) || Double.isNaN(differences);
        return new Correlation(
                undefined ? Double.NaN : pearson(truth, predicted),
                undefined ? Double.NaN : pearson(ranks(truth), ranks(predicted)),
                squares / truth.length,
                differences / truth.length,
                truth.length);
    }

    private static boolean isConstant(double[] values) {
        return Arrays.stream(values).allMatch(value -> value == values[0]);
    }

    private static double pearson(double[] x, double[] y) {
        double meanX = IntStream.range(0, x.length).mapToDouble(i -> x[i]).average().orElseThrow();
        double meanY = IntStream.range(0, y.length).mapToDouble(i -> y[i]).average().orElseThrow();
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            double dx = x[i] - meanX;
            double dy = y[i] - meanY;
            xy += dx * dy;
            xx += dx * dx;
            yy += dy * dy;
        }
        // Two roots, not the root of the product, which can overflow; rounding must not carry it past 1.
        return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
    }

    private static double[] ranks(double[] values) {
        List<Integer> order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .toList();
        double[] ranks = new double[values.length];
        for (int from = 0; from < values.length; ) {
            int to = from + 1;
            while (to < values.length && values[order.get(to)] == values[order.get(from)]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order.get(i)] = (from + to + 1) / 2.0;
            }
            from = to;
        }
        return ranks;
    }

    /** {@code pearson = 0.9712 spearman = 0.9762 mse = 0.1975 mae = 0.3875 (n = 8)}. */
    @Override
    public String toString() {
        return "pearson = " + Texts.fixed(pearson, 4) + " spearman = " + Texts.fixed(spearman, 4) + " mse = "
                + Texts.fixed(meanSquaredError, 4) + " mae = " + Texts.fixed(meanAbsoluteError, 4)
                + " (n = " + pairs + ")";
    }
}
