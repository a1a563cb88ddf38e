package org.jformers.training.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jformers.training.report.LineChart.Emphasis;
import org.jformers.training.report.LineChart.Scale;
import org.jformers.training.report.LineChart.Series;

/** The charts of a training log: loss first and large, then learning rate, speed and whatever else was measured. */
final class Curves {
    /** From so many points on, a training curve is smoothed, its raw values behind it. */
    private static final int SMOOTHED_FROM = 60;

    private final List<MetricRow> rows;
    private final String unit;

    /** @param unit what is learned from: tokens, rows or words */
    Curves(List<MetricRow> rows, String unit) {
        this.rows = rows;
        this.unit = unit;
    }

    String html() {
        StringBuilder out = new StringBuilder();
        LineChart loss = chart(unit.equals("tokens") ? "Loss, nats per token" : "Loss", MetricRow.LOSS, lossScale());
        out.append("<figure class='wide'>").append(loss.svg(1080, 340))
                .append("</figure>\n<div class='charts'>\n");
        List<LineChart> small = new ArrayList<>();
        small.add(chart("Learning rate", MetricRow.LEARNING_RATE, Scale.FROM_ZERO));
        small.add(chart("Speed, " + unit + " per second", MetricRow.perSecond(unit), Scale.FROM_ZERO));
        for (String name : others()) {
            small.add(chart(title(name), name, Scale.LINEAR));
        }
        for (LineChart chart : small) {
            if (!chart.series().isEmpty()) {
                out.append("<figure>").append(chart.svg(530, 240)).append("</figure>\n");
            }
        }
        return out.append("</div>\n").toString();
    }

    private static String title(String metric) {
        String words = metric.replace('_', ' ');
        return words.isEmpty() ? words : words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    private Set<String> others() {
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.addAll(row.values().keySet()));
        names.removeAll(Set.of(MetricRow.LOSS, MetricRow.LEARNING_RATE, MetricRow.perSecond(unit), unit));
        return names;
    }

    /** A loss that falls to a small part of where it began shows its end only on a logarithmic scale. */
    private Scale lossScale() {
        double[] losses = rows.stream().flatMapToDouble(row -> row.value(MetricRow.LOSS).stream())
                .filter(Double::isFinite).toArray();
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (double loss : losses) {
            least = Math.min(least, loss);
            most = Math.max(most, loss);
        }
        return least > 0 && most > 8 * least ? Scale.LOGARITHMIC : Scale.LINEAR;
    }

    private LineChart chart(String title, String metric, Scale scale) {
        // Training first, whichever was logged first: a colour means the same in every report.
        List<String> splits = rows.stream().filter(row -> row.value(metric).isPresent()).map(MetricRow::split)
                .distinct().sorted(Comparator.comparing(split -> !split.equals(MetricRow.TRAIN))).toList();
        List<Series> series = new ArrayList<>();
        int color = 0;
        boolean alone = splits.size() == 1;
        for (String split : splits) {
            List<MetricRow> own = rows.stream()
                    .filter(row -> row.split().equals(split) && row.value(metric).isPresent()).toList();
            double[] x = own.stream().mapToDouble(MetricRow::step).toArray();
            double[] y = own.stream().mapToDouble(row -> row.value(metric).getAsDouble()).toArray();
            String name = alone ? "" : split.equals(MetricRow.EVAL) ? "validation" : split;
            if (y.length < SMOOTHED_FROM || metric.equals(MetricRow.LEARNING_RATE)) {
                series.add(new Series(name, color, Emphasis.NORMAL, x, y));
            } else {
                series.add(new Series(name, color, Emphasis.FAINT, x, y));
                series.add(new Series(name, color, Emphasis.NORMAL, x, smooth(y)));
            }
            color++;
        }
        return new LineChart(title, "step", series, scale);
    }

    /**
     * The mean over about a fortieth of the curve around each point: centred, so that it does not lag behind a fall;
     * one-sided at the end only, where the last value is read as the result.
     */
    private static double[] smooth(double[] y) {
        int reach = Math.max(1, y.length / 80);
        double[] smooth = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            int from = i - Math.min(reach, i);
            int to = Math.min(y.length, i + Math.min(reach, i) + 1);
            smooth[i] = Double.isFinite(y[i])
                    ? Arrays.stream(y, from, to).filter(Double::isFinite).average().orElse(y[i]) : y[i];
        }
        return smooth;
    }
}
