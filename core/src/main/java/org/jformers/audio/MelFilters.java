package org.jformers.audio;

import java.util.Arrays;

/**
 * Triangles over the frequencies of a spectrum, whose corners are equally far from each other on Slaney's mel scale
 * (linear to 1000 Hz, 15 mel, then 27 mel for each factor of 6.4), and of equal area. Source: M. Slaney, "Auditory
 * Toolbox", 1998; transformers 5.18, {@code mel_filter_bank} with {@code slaney}.
 *
 * @param weights those of each band, for the frequencies from {@code first} on
 * @param first the first frequency of each band
 */
record MelFilters(double[][] weights, int[] first) {
    private static final double CORNER_HERTZ = 1000;
    private static final double CORNER_MEL = 15;
    private static final double STEP = Math.log(6.4) / 27;

    /**
     * Filters from 0 Hz on.
     *
     * @param bands how many
     * @param frequencies how many numbers a spectrum has
     * @param highest the last frequency of a spectrum, in Hz
     * @param end where the last band ends, in Hz
     */
    static MelFilters of(int bands, int frequencies, double highest, double end) {
        double[] corners = new double[bands + 2];
        for (int i = 0; i < corners.length; i++) {
            corners[i] = hertz(mel(end) * i / (bands + 1));
        }
        double[][] weights = new double[bands][];
        int[] first = new int[bands];
        for (int band = 0; band < bands; band++) {
            double[] all = new double[frequencies];
            int begin = frequencies;
            int behind = 0;
            for (int i = 0; i < frequencies; i++) {
                double frequency = highest * i / (frequencies - 1);
                double rising = (frequency - corners[band]) / (corners[band + 1] - corners[band]);
                double falling = (corners[band + 2] - frequency) / (corners[band + 2] - corners[band + 1]);
                double height = Math.min(rising, falling);
                if (height > 0) {
                    all[i] = height * 2 / (corners[band + 2] - corners[band]);
                    begin = Math.min(begin, i);
                    behind = i + 1;
                }
            }
            first[band] = Math.min(begin, behind);
            weights[band] = Arrays.copyOfRange(all, first[band], behind);
        }
        return new MelFilters(weights, first);
    }

    private static double mel(double hertz) {
        return hertz < CORNER_HERTZ
                ? hertz * CORNER_MEL / CORNER_HERTZ
                : CORNER_MEL + Math.log(hertz / CORNER_HERTZ) / STEP;
    }

    private static double hertz(double mel) {
        return mel < CORNER_MEL
                ? mel * CORNER_HERTZ / CORNER_MEL
                : CORNER_HERTZ * Math.exp(STEP * (mel - CORNER_MEL));
    }

    /** What a band lets through of a spectrum. */
    double apply(int band, double[] power) {
        double sum = 0;
        for (int i = 0; i < weights[band].length; i++) {
            sum += weights[band][i] * power[first[band] + i];
        }
        return sum;
    }
}
