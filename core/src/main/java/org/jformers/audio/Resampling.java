package org.jformers.audio;

import java.math.BigInteger;

/**
 * Another sampling rate by band-limited interpolation: each new sample is a sum of the old ones around it, weighted by
 * a sinc of the lower rate's band under a Hann window of {@value #ZEROS} zero crossings at each side.
 *
 * <p>Source: J. O. Smith, "Digital Audio Resampling"; window and band are those that {@code functional.resample} of
 * torchaudio has by default, which the reference's pipelines call. Of rates r to s, both without their common divisor,
 * with b = min(r, s) * {@value #ROLLOFF}: {@code y(n) = b/r * sum over m of x(m) * sinc(pi t) * cos^2(pi t / 12)} with
 * {@code t = b * (m/r - n/s)}, over all m for which that is within 6. Silence is before and behind a sound.
 */
record Resampling(int from, int to) {
    private static final int ZEROS = 6;
    private static final double ROLLOFF = 0.99;

    /** The weights of old samples in a new one. */
    private record Weights(int first, double[] values) {}

    static Resampling between(int from, int to) {
        int divisor = BigInteger.valueOf(from).gcd(BigInteger.valueOf(to)).intValueExact();
        return new Resampling(from / divisor, to / divisor);
    }

    float[] apply(float[] samples) {
        int length = Math.toIntExact(((long) samples.length * to + from - 1) / from);
        // New samples stand between old ones in so many ways, which come again and again.
        Weights[] phases = new Weights[Math.min(to, length)];
        for (int phase = 0; phase < phases.length; phase++) {
            phases[phase] = weights(phase);
        }
        float[] resampled = new float[length];
        for (int n = 0; n < length; n++) {
            Weights weights = phases[n % to];
            long first = (long) (n / to) * from + weights.first();
            int begin = (int) Math.max(0, -first);
            int end = (int) Math.min(weights.values().length, samples.length - first);
            double sum = 0;
            for (int i = begin; i < end; i++) {
                sum += weights.values()[i] * samples[(int) (first + i)];
            }
            resampled[n] = (float) sum;
        }
        return resampled;
    }

    private Weights weights(int phase) {
        double band = Math.min(from, to) * ROLLOFF;
        double middle = (double) phase * from / to;
        double radius = ZEROS * from / band;
        int first = (int) Math.ceil(middle - radius);
        double[] values = new double[(int) Math.floor(middle + radius) - first + 1];
        for (int i = 0; i < values.length; i++) {
            double t = Math.PI * band * ((double) (first + i) / from - (double) phase / to);
            double window = Math.cos(t / (2 * ZEROS));
            values[i] = band / from * (t == 0 ? 1 : Math.sin(t) / t) * window * window;
        }
        return new Weights(first, values);
    }
}
