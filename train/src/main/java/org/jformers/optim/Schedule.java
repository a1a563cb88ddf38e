package org.jformers.optim;

import org.jformers.JformersException;

/** The learning rate as a function of the step. Kinds as the reference library defines and names them. */
public sealed interface Schedule {

    /**
     * The rate of an optimizer step.
     *
     * @param step counted from 0; whole, except where a run is cut short in time and its schedule with it
     */
    double rate(double step);

    /** Straight up from 0 during the warm-up, the same rate at every step behind it. */
    record Constant(double learningRate, int warmupSteps) implements Schedule {
        public Constant {
            if (warmupSteps < 0) {
                throw new JformersException("schedule: got " + warmupSteps + " warm-up steps, allowed >= 0");
            }
        }

        /** Without warm-up. */
        public Constant(double learningRate) {
            this(learningRate, 0);
        }

        @Override
        public double rate(double step) {
            return step < warmupSteps ? learningRate * step / warmupSteps : learningRate;
        }
    }

    /** Straight up from 0 during the warm-up, straight down to 0 at the last step. */
    record Linear(double learningRate, int warmupSteps, int steps) implements Schedule {
        public Linear {
            require(warmupSteps, steps);
        }

        @Override
        public double rate(double step) {
            if (step < warmupSteps) {
                return learningRate * step / warmupSteps;
            }
            return learningRate * Math.max(0, (steps - step) / Math.max(1, steps - warmupSteps));
        }
    }

    /**
     * Straight up from 0 during the warm-up, then half a cosine down to a share of the rate (arXiv:1608.03983). Behind
     * the last step the cosine rises again, as the reference's does.
     */
    record Cosine(double learningRate, int warmupSteps, int steps, double finalShare) implements Schedule {
        public Cosine {
            require(warmupSteps, steps);
        }

        @Override
        public double rate(double step) {
            if (step < warmupSteps) {
                return learningRate * step / warmupSteps;
            }
            double progress = (step - warmupSteps) / Math.max(1, steps - warmupSteps);
            double share = 0.5 * (1 + Math.cos(Math.PI * progress));
            return learningRate * (finalShare + (1 - finalShare) * share);
        }
    }

    /** The original Transformer's: factor * C^-0.5 * min(s^-0.5, s * warmup^-1.5), s from 1 (arXiv:1706.03762, 5.3). */
    record Noam(double factor, int width, int warmupSteps) implements Schedule {
        public Noam {
            if (warmupSteps < 1) {
                throw new JformersException("schedule: got " + warmupSteps + " warm-up steps, allowed >= 1 for noam");
            }
        }

        @Override
        public double rate(double step) {
            double s = step + 1;
            return factor / Math.sqrt(width) * Math.min(1 / Math.sqrt(s), s * Math.pow(warmupSteps, -1.5));
        }
    }

    private static void require(int warmupSteps, int steps) {
        if (warmupSteps < 0 || steps < 1 || warmupSteps > steps) {
            throw new JformersException("schedule: got " + warmupSteps + " warm-up steps of " + steps
                    + ", allowed 0 to the number of steps");
        }
    }
}
