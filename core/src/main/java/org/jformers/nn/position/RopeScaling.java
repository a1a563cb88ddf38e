package org.jformers.nn.position;

import java.util.List;

/**
 * How the frequencies of rotary positions are changed so that a model reads further than it was trained for. Computed
 * in float32, as checkpoints expect it. Source of the values: transformers 5.18 {@code modeling_rope_utils}.
 *
 * <p>Dimensions: R rotated width of a head; there are R / 2 frequencies, in radians per position, the fastest first.
 */
public sealed interface RopeScaling {

    /** Frequencies as they are: base^(-2i / R). */
    RopeScaling NONE = new None();

    /**
     * The frequencies, R / 2 of them.
     *
     * @param rotated R
     * @param base the longest wave is 2 pi times this
     * @param length the last position of the pass, plus one
     */
    float[] frequencies(int rotated, double base, long length);

    /** Factor on queries and keys, each. */
    default double attentionFactor() {
        return 1;
    }

    /** Longest pass whose frequencies are those of length 1; passes beyond it have frequencies of their own. */
    default long steadyLength() {
        return Long.MAX_VALUE;
    }

    /** Refuses a rotated width that it cannot serve. */
    default void requireWidth(int rotated) {}

    /** Source: arXiv:2104.09864. */
    record None() implements RopeScaling {
        @Override
        public float[] frequencies(int rotated, double base, long length) {
            float[] frequency = new float[rotated / 2];
            for (int i = 0; i < frequency.length; i++) {
                frequency[i] = 1 / wave(i, rotated, base);
            }
            return frequency;
        }
    }

    /**
     * All positions divided by a factor. Source: arXiv:2306.15595.
     *
     * @param factor how many times further the model reads
     */
    record Linear(double factor) implements RopeScaling {
        public Linear {
            requireFactor("factor", factor);
        }

        @Override
        public float[] frequencies(int rotated, double base, long length) {
            float[] frequency = NONE.frequencies(rotated, base, length);
            for (int i = 0; i < frequency.length; i++) {
                frequency[i] /= (float) factor;
            }
            return frequency;
        }
    }

    /**
     * A base that grows with the sequence once it is longer than those of training (dynamic NTK). Keys that a cache
     * holds keep the angles of the pass in which they came. Source: arXiv:2309.00071, 3.3.
     *
     * @param factor how fast the base grows
     * @param positions longest sequence of training
     */
    record Dynamic(double factor, int positions) implements RopeScaling {
        public Dynamic {
            requireFactor("factor", factor);
            requireFactor("max_position_embeddings", positions);
        }

        @Override
        public float[] frequencies(int rotated, double base, long length) {
            double longest = Math.max(length, positions);
            double growth = factor * longest / positions - (factor - 1);
            return NONE.frequencies(rotated, base * Math.pow(growth, rotated / (rotated - 2.0)), length);
        }

        @Override
        public long steadyLength() {
            return positions;
        }

        @Override
        public void requireWidth(int rotated) {
            if (rotated < 4) {
                throw new IllegalArgumentException("dynamic rotary positions: got " + rotated
                        + " rotated values, allowed >= 4");
            }
        }
    }

    /**
     * Slow frequencies are divided by a factor, fast ones stay, with a ramp between. Source: arXiv:2309.00071.
     *
     * @param factor how many times further the model reads
     * @param positions longest sequence of training
     * @param betaFast frequencies that turn at least so many times within it stay
     * @param betaSlow frequencies that turn at most so many times within it are divided
     * @param truncate whether the ramp begins and ends at whole numbers
     * @param attentionFactor factor on queries and keys
     */
    record Yarn(
            double factor,
            double positions,
            double betaFast,
            double betaSlow,
            boolean truncate,
            double attentionFactor)
            implements RopeScaling {
        public Yarn {
            requireFactor("factor", factor);
            requireFactor("original_max_position_embeddings", positions);
            requireFactor("beta_fast", betaFast);
            requireFactor("beta_slow", betaSlow);
        }

        /** 0.1 m ln(factor) + 1, the paper's attention factor; 1 where nothing is stretched. */
        public static double paperFactor(double factor, double m) {
            return factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1;
        }

        @Override
        public float[] frequencies(int rotated, double base, long length) {
            double low = pairThatTurns(betaFast, rotated, base);
            double high = pairThatTurns(betaSlow, rotated, base);
            low = Math.max(truncate ? Math.floor(low) : low, 0);
            high = Math.min(truncate ? Math.ceil(high) : high, rotated - 1);
            if (low == high) {
                high += 0.001;
            }
            float[] frequency = new float[rotated / 2];
            for (int i = 0; i < frequency.length; i++) {
                float wave = wave(i, rotated, base);
                float ramp = Math.min(Math.max((i - (float) low) / (float) (high - low), 0), 1);
                float kept = 1 - ramp;
                frequency[i] = 1 / ((float) factor * wave) * (1 - kept) + 1 / wave * kept;
            }
            return frequency;
        }

        /** Index of the frequency that turns so many times within {@code positions}. */
        private double pairThatTurns(double turns, int rotated, double base) {
            return rotated * Math.log(positions / (turns * 2 * Math.PI)) / (2 * Math.log(base));
        }
    }

    /**
     * Each frequency is divided by a factor of its own, one set for short sequences and one for long ones. Source:
     * arXiv:2402.13753.
     *
     * @param shortFactors R / 2 factors for sequences of at most {@code positions}
     * @param longFactors R / 2 factors for longer ones
     * @param positions longest sequence of training
     * @param attentionFactor factor on queries and keys
     */
    record LongRope(List<Double> shortFactors, List<Double> longFactors, int positions, double attentionFactor)
            implements RopeScaling {
        public LongRope {
            shortFactors = List.copyOf(shortFactors);
            longFactors = List.copyOf(longFactors);
            requireFactor("original_max_position_embeddings", positions);
        }

        /** sqrt(1 + ln(factor) / ln(positions)), the paper's attention factor; 1 where nothing is stretched. */
        public static double paperFactor(double factor, int positions) {
            return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(positions));
        }

        @Override
        public float[] frequencies(int rotated, double base, long length) {
            List<Double> factors = length > positions ? longFactors : shortFactors;
            float[] frequency = new float[rotated / 2];
            for (int i = 0; i < frequency.length; i++) {
                frequency[i] = 1 / (factors.get(i).floatValue() * wave(i, rotated, base));
            }
            return frequency;
        }

        @Override
        public long steadyLength() {
            return positions;
        }

        @Override
        public void requireWidth(int rotated) {
            if (shortFactors.size() != rotated / 2 || longFactors.size() != rotated / 2) {
                throw new IllegalArgumentException("longrope: got " + shortFactors.size() + " short and "
                        + longFactors.size() + " long factors, allowed " + rotated / 2 + " each");
            }
        }
    }

    /**
     * Waves longer than a bound are stretched by a factor, those shorter than another stay, with a ramp between.
     * Source: arXiv:2407.21783 (Llama 3.1).
     *
     * @param factor how many times further the model reads
     * @param lowFactor waves longer than positions / lowFactor are stretched
     * @param highFactor waves shorter than positions / highFactor stay
     * @param positions longest sequence of training
     */
    record Llama3(double factor, double lowFactor, double highFactor, double positions) implements RopeScaling {
        public Llama3 {
            requireFactor("factor", factor);
            requireFactor("low_freq_factor", lowFactor);
            requireFactor("high_freq_factor", highFactor);
            requireFactor("original_max_position_embeddings", positions);
        }

        @Override
        public float[] frequencies(int rotated, double base, long length) {
            float[] frequency = NONE.frequencies(rotated, base, length);
            for (int i = 0; i < frequency.length; i++) {
                float wave = (float) (2 * Math.PI) / frequency[i];
                if (wave > (float) (positions / lowFactor)) {
                    frequency[i] /= (float) factor;
                } else if (!(wave < (float) (positions / highFactor))) {
                    float kept = ((float) positions / wave - (float) lowFactor) / (float) (highFactor - lowFactor);
                    frequency[i] = (1 - kept) * frequency[i] / (float) factor + kept * frequency[i];
                }
            }
            return frequency;
        }
    }

    /** base^(2i / R): the length of the i-th wave over 2 pi. */
    private static float wave(int i, int rotated, double base) {
        return (float) Math.pow((float) base, 2f * i / rotated);
    }

    private static void requireFactor(String name, double value) {
        if (!(value > 0)) {
            throw new IllegalArgumentException("rotary positions: got " + name + " " + value + ", allowed > 0");
        }
    }
}
