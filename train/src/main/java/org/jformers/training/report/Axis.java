package org.jformers.training.report;

import java.util.ArrayList;
import java.util.List;

/**
 * An axis of a chart: maps values to 0..1 and finds round tick values.
 *
 * @param low value at 0
 * @param high value at 1, greater than low
 * @param logarithmic whether equal lengths are equal ratios; low is then positive
 */
record Axis(double low, double high, boolean logarithmic) {

    /** An axis over finite values (positive ones, if logarithmic), widened where they are all the same. */
    static Axis over(double least, double most, boolean logarithmic) {
        if (least < most) {
            return new Axis(least, most, logarithmic);
        }
        double around = least == 0 ? 1 : Math.abs(least) * 0.1;
        return new Axis(least - around, most + around, logarithmic);
    }

    /** The same axis with some air at both ends. */
    Axis padded(double share) {
        if (logarithmic) {
            double factor = Math.pow(high / low, share);
            return new Axis(low / factor, high * factor, true);
        }
        double air = (high - low) * share;
        return new Axis(low - air, high + air, false);
    }

    double position(double value) {
        return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    /** Round values within the axis, about {@code wanted} of them. */
    List<Double> ticks(int wanted) {
        return logarithmic && high / low >= 5 ? logarithmicTicks(wanted) : linearTicks(wanted);
    }

    private List<Double> linearTicks(int wanted) {
        double rough = (high - low) / wanted;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
        List<Double> ticks = new ArrayList<>();
        long last = (long) Math.floor(high / step + 1e-9);
        for (long i = (long) Math.ceil(low / step - 1e-9); i <= last && ticks.size() <= 3 * wanted; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private List<Double> logarithmicTicks(int wanted) {
        int first = (int) Math.floor(Math.log10(low));
        int last = (int) Math.ceil(Math.log10(high));
        int[] mantissas = last - first <= wanted / 2 + 1 ? new int[] {1, 2, 5} : new int[] {1};
        int stride = Math.max(1, (last - first) / (wanted + 1));
        List<Double> ticks = new ArrayList<>();
        for (int power = first; power <= last; power += stride) {
            for (int mantissa : mantissas) {
                double tick = mantissa * Math.pow(10, power);
                if (tick >= low && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }
}
