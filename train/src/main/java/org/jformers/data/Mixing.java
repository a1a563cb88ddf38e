package org.jformers.data;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How often each part of a mixture gives a batch, and how that changes on the way.
 *
 * @param kind how it changes
 * @param first weights of the parts at the first batch, each above 0
 * @param last weights of the parts from batch {@code over} on
 * @param over batches on the way, >= 1 where something changes
 */
public record Mixing(Kind kind, List<Double> first, List<Double> last, long over) {
    /** The slope of the logistic function, which is at its ends to 1/400. */
    private static final double STEEPNESS = 12;

    /** Which way weights go. */
    public enum Kind {
        /** They stay. */
        CONSTANT,
        /** By a straight line. */
        LINEAR,
        /** By a constant factor from batch to batch. */
        EXPONENTIAL,
        /** Slowly, then fast, then slowly: by the logistic function. */
        SIGMOID,
        /** There are none: one part after the other gives a batch. */
        ROUND_ROBIN,
        /** One part after the other gives its share of the batches on the way; the last one goes on. */
        SEQUENTIAL;

        /** Whether batches are counted. */
        public boolean changes() {
            return this != CONSTANT && this != ROUND_ROBIN;
        }
    }

    /** @throws DataException if weights are missing or not above 0, or nothing says when they have changed */
    public Mixing {
        first = List.copyOf(first);
        last = List.copyOf(last);
        if (first.isEmpty() || first.size() != last.size()) {
            throw new DataException("mixture: got " + first.size() + " first and " + last.size()
                    + " last weights, allowed one of each for each part");
        }
        if (!DoubleStream.concat(stream(first), stream(last)).allMatch(weight -> weight > 0 && weight < 1e300)) {
            throw new DataException("mixture: got weights " + first + " and " + last + ", allowed numbers above 0");
        }
        if (kind.changes() && over < 1) {
            throw new DataException("mixture: got " + over + " batches on the way, allowed >= 1");
        }
    }

    private static DoubleStream stream(List<Double> weights) {
        return weights.stream().mapToDouble(Double::doubleValue);
    }

    /** The share of each part at a batch, counted from 0 over the whole run; their sum is 1. */
    public double[] shares(long batch) {
        int parts = first.size();
        if (kind == Kind.ROUND_ROBIN) {
            return one(parts, (int) (batch % parts));
        }
        if (kind == Kind.SEQUENTIAL) {
            return one(parts, turn((double) batch / over));
        }
        double way = kind == Kind.CONSTANT ? 0 : Math.min(1, (double) batch / over);
        double[] weights = IntStream.range(0, parts).mapToDouble(i -> weight(first.get(i), last.get(i), way)).toArray();
        double sum = DoubleStream.of(weights).sum();
        return DoubleStream.of(weights).map(weight -> weight / sum).toArray();
    }

    private double weight(double from, double to, double way) {
        return switch (kind) {
            case EXPONENTIAL -> from * Math.pow(to / from, way);
            case SIGMOID -> from + (to - from) * (logistic(way) - logistic(0)) / (logistic(1) - logistic(0));
            default -> from + (to - from) * way;
        };
    }

    private static double logistic(double way) {
        return 1 / (1 + Math.exp(-STEEPNESS * (way - 0.5)));
    }

    /** Whose turn it is when so much of the way is done. */
    private int turn(double way) {
        double sum = stream(first).sum();
        double end = 0;
        for (int part = 0; part < first.size() - 1; part++) {
            end += first.get(part) / sum;
            if (way < end) {
                return part;
            }
        }
        return first.size() - 1;
    }

    private static double[] one(int parts, int part) {
        double[] shares = new double[parts];
        shares[part] = 1;
        return shares;
    }

    /** The part that gives a batch, counted from 0 over the whole run. */
    int part(Draw draw, long batch) {
        double[] shares = shares(batch);
        double left = draw.uniform(batch, 0);
        int last = 0;
        for (int part = 0; part < shares.length; part++) {
            if (shares[part] > 0) {
                last = part;
                left -= shares[part];
                if (left < 0) {
                    return part;
                }
            }
        }
        return last; // rounding has left something over
    }
}
