package org.jformers.training.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * What was measured at one step on one split.
 *
 * @param step optimizer steps taken so far, not negative
 * @param split which data was measured: {@link #TRAIN}, {@link #EVAL}, {@link #NORMS} or a name of the caller's
 * @param time wall time, seconds since 1970-01-01T00:00Z
 * @param values the measurements by name, in the order in which they are written; NaN and infinities are allowed
 */
public record MetricRow(long step, String split, double time, Map<String, Double> values) {
    /** The split that the model learns from. */
    public static final String TRAIN = "train";
    /** The split that the model is watched on. */
    public static final String EVAL = "eval";

    /** No data, but the norms of the parameters by part. */
    public static final String NORMS = "norms";

    /** Mean loss per label. */
    public static final String LOSS = "loss";
    /** Share of the labels that have the highest score, 0 to 1. */
    public static final String ACCURACY = "accuracy";
    /** The learning rate that the step used. */
    public static final String LEARNING_RATE = "learning_rate";

    public MetricRow {
        if (step < 0) {
            throw new ReportException("metrics: step must be 0 or more, got " + step);
        }
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The measurement of that name, if this row has it. */
    public OptionalDouble value(String name) {
        Double value = values.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** The measurement of that name among figures that have it. */
    public static double figure(Map<String, Double> figures, String name) {
        return Objects.requireNonNull(figures.get(name), name);
    }

    /** The name of the speed: tokens, rows or words learned from per second of wall time. */
    public static String perSecond(String unit) {
        return unit + "_per_second";
    }
}
