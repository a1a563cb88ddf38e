package org.jformers.optim;

import java.util.List;
import org.jformers.JformersException;

/**
 * The learning rate as a function of the step. The first kinds are those that the reference library defines and names;
 * the others, from {@link Ramp} on, are the parts that further ones are put together of.
 */
public interface Schedule {

    /**
     * The rate of an optimizer step.
     *
     * @param step counted from 0; whole, except where a run is cut short in time and its schedule with it
     */
    double rate(double step);

    /** How a rate goes from one value to another. */
    enum Shape {
        LINEAR {
            @Override
            double fallen(double progress) {
                return progress;
            }
        },
        /** Half a cosine: slow, fast, slow. */
        COSINE {
            @Override
            double fallen(double progress) {
                return 0.5 * (1 - Math.cos(Math.PI * progress));
            }
        },
        /** The square root of the progress: fast on the way down, slow on the way up (arXiv:2405.18392). */
        SQUARE_ROOT {
            @Override
            double fallen(double progress) {
                return Math.sqrt(progress);
            }

            @Override
            double risen(double progress) {
                return 1 - Math.sqrt(1 - progress);
            }
        };

        /** Share of the way down, for a share of the steps. */
        abstract double fallen(double progress);

        /** Share of the way up, for a share of the steps. */
        double risen(double progress) {
            return fallen(progress);
        }
    }

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
     * Straight up from 0 during the warm-up, then along a cosine to a share of the rate (arXiv:1608.03983). Behind the
     * last step the cosine goes on, as the reference's does.
     *
     * @param finalShare the share of the rate at the lowest points
     * @param waves of the cosine behind the warm-up; 0.5 for the way down alone
     */
    record Cosine(double learningRate, int warmupSteps, int steps, double finalShare, double waves)
            implements Schedule {
        public Cosine {
            require(warmupSteps, steps);
        }

        /** The way down alone. */
        public Cosine(double learningRate, int warmupSteps, int steps, double finalShare) {
            this(learningRate, warmupSteps, steps, finalShare, 0.5);
        }

        @Override
        public double rate(double step) {
            if (step < warmupSteps) {
                return learningRate * step / warmupSteps;
            }
            double progress = (step - warmupSteps) / Math.max(1, steps - warmupSteps);
            double share = 0.5 * (1 + Math.cos(2 * Math.PI * waves * progress));
            return learningRate * Math.max(0, finalShare + (1 - finalShare) * share);
        }
    }

    /** Straight up from 0 during the warm-up, then several times down along half a cosine to 0 and up at once. */
    record CosineRestarts(double learningRate, int warmupSteps, int steps, int cycles) implements Schedule {
        public CosineRestarts {
            require(warmupSteps, steps);
            if (cycles < 1) {
                throw new JformersException("schedule: got " + cycles + " cycles, allowed >= 1");
            }
        }

        @Override
        public double rate(double step) {
            if (step < warmupSteps) {
                return learningRate * step / warmupSteps;
            }
            double progress = (step - warmupSteps) / Math.max(1, steps - warmupSteps);
            return progress >= 1 ? 0 : learningRate * 0.5 * (1 + Math.cos(Math.PI * (cycles * progress % 1)));
        }
    }

    /**
     * Straight up from 0 during the warm-up, then down by a power of the steps that are left.
     *
     * @param end the rate at the last step and behind it
     * @param power 1 for a straight line
     */
    record Polynomial(double learningRate, int warmupSteps, int steps, double end, double power)
            implements Schedule {
        public Polynomial {
            require(warmupSteps, steps);
            if (!(end >= 0 && end <= learningRate && power > 0)) {
                throw new JformersException("schedule: got an end of " + end + " and a power of " + power
                        + ", allowed an end in [0, " + learningRate + "], a power > 0");
            }
        }

        @Override
        public double rate(double step) {
            if (step < warmupSteps) {
                return learningRate * step / warmupSteps;
            }
            double left = (steps - step) / Math.max(1, steps - warmupSteps);
            return step > steps ? end : end + (learningRate - end) * Math.pow(left, power);
        }
    }

    /**
     * Straight up from 0 during the warm-up, then down by the square root of the steps: at one timescale behind the
     * warm-up the rate is divided by the root of two.
     *
     * @param timescale in steps, >= 1; the reference's is that of the warm-up
     */
    record InverseSquareRoot(double learningRate, int warmupSteps, double timescale) implements Schedule {
        public InverseSquareRoot {
            if (warmupSteps < 0 || !(timescale >= 1)) {
                throw new JformersException("schedule: got " + warmupSteps + " warm-up steps and a timescale of "
                        + timescale + ", allowed >= 0, and >= 1");
            }
        }

        @Override
        public double rate(double step) {
            if (step < warmupSteps) {
                return learningRate * step / warmupSteps;
            }
            return learningRate / Math.sqrt((step - warmupSteps + timescale) / timescale);
        }
    }

    /**
     * Up, along the highest rate, and down at the end (arXiv:2405.18392): how long the run is need not be known before
     * the way down begins.
     *
     * @param warmupSteps on the way up
     * @param stableSteps at the highest rate
     * @param decaySteps on the way down
     * @param finalShare the share of the rate before the first step and behind the last
     * @param up how it rises
     * @param down how it falls
     */
    record WarmupStableDecay(
            double learningRate,
            int warmupSteps,
            int stableSteps,
            int decaySteps,
            double finalShare,
            Shape up,
            Shape down)
            implements Schedule {
        public WarmupStableDecay {
            if (warmupSteps < 0 || stableSteps < 0 || decaySteps < 0) {
                throw new JformersException("schedule: got " + warmupSteps + " steps up, " + stableSteps
                        + " stable and " + decaySteps + " down, allowed >= 0 each");
            }
        }

        @Override
        public double rate(double step) {
            double start = warmupSteps + (double) stableSteps;
            if (step < warmupSteps) {
                return learningRate * (finalShare + (1 - finalShare) * up.risen(step / warmupSteps));
            }
            if (step < start) {
                return learningRate;
            }
            double left = step < start + decaySteps ? 1 - down.fallen((step - start) / decaySteps) : 0;
            return learningRate * (finalShare + (1 - finalShare) * left);
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

    /** A step and its rate. */
    record Point(double step, double rate) {}

    /**
     * From one point to another; before the first and behind the last the rate is theirs.
     *
     * @param power of the share of the steps, 1 for a straight line
     */
    record Ramp(Point from, Point to, double power) implements Schedule {
        public Ramp {
            require(from, to);
        }

        @Override
        public double rate(double step) {
            double progress = Math.min(1, Math.max(0, (step - from.step()) / (to.step() - from.step())));
            return from.rate() + Math.pow(progress, power) * (to.rate() - from.rate());
        }
    }

    /** From one point to another by the same factor in each step. */
    record Geometric(Point from, Point to) implements Schedule {
        public Geometric {
            require(from, to);
            if (!(from.rate() > 0 && to.rate() > 0)) {
                throw new JformersException("schedule: got rates " + from.rate() + " and " + to.rate()
                        + " a factor apart, allowed > 0");
            }
        }

        @Override
        public double rate(double step) {
            return Math.exp(new Ramp(new Point(from.step(), Math.log(from.rate())),
                    new Point(to.step(), Math.log(to.rate())), 1).rate(step));
        }
    }

    /**
     * Multiplied by a factor every so many steps.
     *
     * @param least the rate does not fall below it
     */
    record Stepwise(double learningRate, double factor, int every, double least) implements Schedule {
        public Stepwise {
            if (!(factor > 0) || every < 1) {
                throw new JformersException("schedule: got a factor of " + factor + " every " + every
                        + " steps, allowed a factor > 0, >= 1 steps");
            }
        }

        @Override
        public double rate(double step) {
            return Math.max(least, learningRate * Math.pow(factor, Math.floor(step / every)));
        }
    }

    /** k / (k + e^(step / k)), times the rate (arXiv:1506.03099). */
    record InverseSigmoid(double learningRate, double k) implements Schedule {
        public InverseSigmoid {
            if (!(k >= 1)) {
                throw new JformersException("schedule: got k " + k + ", allowed >= 1");
            }
        }

        @Override
        public double rate(double step) {
            return learningRate * k / (k + Math.exp(step / k));
        }
    }

    /**
     * The decay of a running average of parameters, which is to forget the first ones soon: (1 + step) / (10 + step),
     * up to a limit.
     */
    record AverageDecay(double limit) implements Schedule {
        public AverageDecay {
            if (!(limit >= 0 && limit < 1)) {
                throw new JformersException("average: got a decay of " + limit + ", allowed [0, 1)");
            }
        }

        @Override
        public double rate(double step) {
            return Math.min(limit, (1 + step) / (10 + step));
        }
    }

    /** The lowest of several. */
    record Lowest(List<? extends Schedule> parts) implements Schedule {
        public Lowest {
            parts = List.copyOf(parts);
            if (parts.isEmpty()) {
                throw new JformersException("schedule: got no parts, allowed one or more");
            }
        }

        @Override
        public double rate(double step) {
            return parts.stream().mapToDouble(part -> part.rate(step)).min().orElseThrow();
        }
    }

    /** The same, without going on behind a step. */
    record Until(Schedule schedule, double last) implements Schedule {
        @Override
        public double rate(double step) {
            return schedule.rate(Math.min(step, last));
        }
    }

    /**
     * One behind the other, each from its own step 0.
     *
     * @param starts steps at which the parts behind the first begin, ascending
     */
    record Pieces(List<? extends Schedule> parts, List<Integer> starts) implements Schedule {
        public Pieces {
            parts = List.copyOf(parts);
            starts = List.copyOf(starts);
            if (parts.size() != starts.size() + 1 || !starts.equals(starts.stream().sorted().toList())) {
                throw new JformersException("schedule: got " + parts.size() + " parts that begin at 0 and " + starts
                        + ", allowed one beginning for each, ascending");
            }
        }

        @Override
        public double rate(double step) {
            int at = (int) starts.stream().filter(start -> step >= start).count();
            return parts.get(at).rate(at == 0 ? step : step - starts.get(at - 1));
        }
    }

    /**
     * In turn, again and again. Each has the step of the run, whoever's turn it is.
     *
     * @param steps how many steps each part has in a turn, >= 1
     */
    record Cycle(List<? extends Schedule> parts, List<Integer> steps) implements Schedule {
        public Cycle {
            parts = List.copyOf(parts);
            steps = List.copyOf(steps);
            if (parts.isEmpty() || parts.size() != steps.size() || steps.stream().anyMatch(count -> count < 1)) {
                throw new JformersException("schedule: got " + parts.size() + " parts in turn for " + steps
                        + " steps, allowed as many of each, >= 1 steps");
            }
        }

        @Override
        public double rate(double step) {
            double left = step % steps.stream().mapToInt(Integer::intValue).sum();
            int at = 0;
            while (left >= steps.get(at)) {
                left -= steps.get(at++);
            }
            return parts.get(at).rate(step);
        }
    }

    private static void require(int warmupSteps, int steps) {
        if (warmupSteps < 0 || steps < 1 || warmupSteps > steps) {
            throw new JformersException("schedule: got " + warmupSteps + " warm-up steps of " + steps
                    + ", allowed 0 to the number of steps");
        }
    }

    private static void require(Point from, Point to) {
        if (!(from.step() < to.step())) {
            throw new JformersException("schedule: got a way from step " + from.step() + " to " + to.step()
                    + ", allowed to a later one");
        }
    }
}
