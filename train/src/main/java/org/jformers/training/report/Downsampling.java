package org.jformers.training.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoublePredicate;

/** Thins a curve to what a screen can show; the extremes of every stretch stay, so no peak is lost. */
final class Downsampling {
    private Downsampling() {}

    /** One point of a curve. */
    record Point(double x, double y) {}

    /**
     * The runs of drawable points between gaps, together at most about {@code most} points.
     *
     * @param drawable which y values can be drawn; the others are the gaps
     */
    static List<List<Point>> runs(double[] x, double[] y, DoublePredicate drawable, int most) {
        List<List<Point>> runs = new ArrayList<>();
        int count = 0;
        boolean gap = true;
        for (int i = 0; i < y.length; i++) {
            boolean drawn = Double.isFinite(x[i]) && drawable.test(y[i]);
            if (drawn) {
                if (gap) {
                    runs.add(new ArrayList<>());
                }
                runs.get(runs.size() - 1).add(new Point(x[i], y[i]));
                count++;
            }
            gap = !drawn;
        }
        if (count <= most) {
            return runs;
        }
        if (runs.size() > most / 4) {
            runs = List.of(runs.stream().flatMap(List::stream).toList());
        }
        double share = (double) most / count;
        return runs.stream().map(run -> thin(run, Math.max(2, (int) (run.size() * share)))).toList();
    }

    private static List<Point> thin(List<Point> run, int most) {
        if (run.size() <= most) {
            return run;
        }
        int buckets = Math.max(1, most / 2 - 1);
        List<Point> kept = new ArrayList<>();
        kept.add(run.get(0));
        int inner = run.size() - 2;
        for (int bucket = 0; bucket < buckets; bucket++) {
            int from = 1 + (int) ((long) inner * bucket / buckets);
            int to = 1 + (int) ((long) inner * (bucket + 1) / buckets);
            int least = from;
            int greatest = from;
            for (int i = from; i < to; i++) {
                least = run.get(i).y() < run.get(least).y() ? i : least;
                greatest = run.get(i).y() > run.get(greatest).y() ? i : greatest;
            }
            if (from < to) {
                kept.add(run.get(Math.min(least, greatest)));
                if (least != greatest) {
                    kept.add(run.get(Math.max(least, greatest)));
                }
            }
        }
        kept.add(run.get(run.size() - 1));
        return kept;
    }
}
