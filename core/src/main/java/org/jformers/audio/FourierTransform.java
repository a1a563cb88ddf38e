package org.jformers.audio;

import java.util.ArrayList;
import java.util.List;

/**
 * The discrete Fourier transform of frames of one length, which may be any: it is taken apart by its prime factors
 * (Cooley and Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965). Used by one thread.
 */
final class FourierTransform {
    private final int length;
    private final int[] factors;
    private final double[] cosine;
    private final double[] sine;
    private final double[] real;
    private final double[] imaginary;
    private final double[] partReal;
    private final double[] partImaginary;

    FourierTransform(int length) {
        this.length = length;
        factors = factors(length);
        cosine = new double[length];
        sine = new double[length];
        for (int i = 0; i < length; i++) {
            cosine[i] = Math.cos(2 * Math.PI * i / length);
            sine[i] = -Math.sin(2 * Math.PI * i / length);
        }
        real = new double[length];
        imaginary = new double[length];
        int largest = factors.length == 0 ? 1 : factors[factors.length - 1];
        partReal = new double[largest];
        partImaginary = new double[largest];
    }

    private static int[] factors(int length) {
        List<Integer> factors = new ArrayList<>();
        int rest = length;
        for (int factor = 2; rest > 1; factor++) {
            for (; rest % factor == 0; rest /= factor) {
                factors.add(factor);
            }
        }
        return factors.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Puts the squared magnitudes of a frame's spectrum, from frequency 0 to the half, into an array. */
    void power(double[] frame, double[] power) {
        transform(frame, length, 0, 1, 0, 0);
        for (int i = 0; i <= length / 2; i++) {
            power[i] = real[i] * real[i] + imaginary[i] * imaginary[i];
        }
    }

    /** The transform of every {@code step}th number of a frame from {@code from} on, put at {@code to}. */
    private void transform(double[] frame, int size, int from, int step, int to, int depth) {
        if (size == 1) {
            real[to] = frame[from];
            imaginary[to] = 0;
            return;
        }
        int factor = factors[depth];
        int part = size / factor;
        for (int i = 0; i < factor; i++) {
            transform(frame, part, from + i * step, step * factor, to + i * part, depth + 1);
        }
        for (int i = 0; i < part; i++) {
            join(factor, part, i, to, length / size);
        }
    }

    /** Joins the numbers that the parts of a transform have at one place. */
    private void join(int factor, int part, int place, int to, int turn) {
        for (int i = 0; i < factor; i++) {
            int angle = i * place * turn;
            double x = real[to + i * part + place];
            double y = imaginary[to + i * part + place];
            partReal[i] = x * cosine[angle] - y * sine[angle];
            partImaginary[i] = x * sine[angle] + y * cosine[angle];
        }
        for (int k = 0; k < factor; k++) {
            double x = 0;
            double y = 0;
            for (int i = 0; i < factor; i++) {
                int angle = i * k % factor * (length / factor);
                x += partReal[i] * cosine[angle] - partImaginary[i] * sine[angle];
                y += partReal[i] * sine[angle] + partImaginary[i] * cosine[angle];
            }
            real[to + k * part + place] = x;
            imaginary[to + k * part + place] = y;
        }
    }
}
