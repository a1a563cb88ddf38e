package org.jformers.audio;

import org.jformers.JformersException;

/**
 * A recording of one channel.
 *
 * @param samples the waveform, as a rule within -1 and 1; not copied
 * @param rate samples in a second
 */
public record Sound(float[] samples, int rate) {
    /** Highest rate that is resampled. */
    public static final int HIGHEST_RATE = 1_000_000;

    public Sound {
        if (rate < 1 || rate > HIGHEST_RATE) {
            throw new JformersException("sound: got a rate of " + rate + " Hz, allowed 1 to " + HIGHEST_RATE);
        }
        for (int i = 0; i < samples.length; i++) {
            if (!Float.isFinite(samples[i])) {
                throw new JformersException("sound: got " + samples[i] + " at sample " + i + ", allowed numbers");
            }
        }
    }

    /** The same at another rate; itself where it has that already. */
    public Sound at(int other) {
        return other == rate ? this : new Sound(Resampling.between(rate, other).apply(samples), other);
    }

    /** How long it is. */
    public double seconds() {
        return (double) samples.length / rate;
    }

    @Override
    public String toString() {
        return samples.length + " samples at " + rate + " Hz";
    }
}
