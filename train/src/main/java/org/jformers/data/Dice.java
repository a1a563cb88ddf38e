package org.jformers.data;

/** The numbers that a {@link Draw} has for one example, one after the other. */
final class Dice {
    private final Draw draw;
    private final long example;
    private long count;

    Dice(Draw draw, long example) {
        this(draw, example, 0);
    }

    /** @param count the first number's */
    Dice(Draw draw, long example, long count) {
        this.draw = draw;
        this.example = example;
        this.count = count;
    }

    /** Uniform in [0, 1). */
    double uniform() {
        return draw.uniform(example, count++);
    }

    /** Uniform in [0, bound). */
    int below(int bound) {
        return draw.below(bound, example, count++);
    }

    /** A number from a Poisson distribution (Knuth's way: uniform numbers are multiplied). */
    int poisson(double mean) {
        double limit = Math.exp(-mean);
        int events = 0;
        for (double product = uniform(); product > limit; product *= uniform()) {
            events++;
        }
        return events;
    }

    /**
     * A number from a geometric distribution that ends: k from 1 has a weight of (1 - p)^(k - 1).
     *
     * @param most the largest
     */
    int geometric(double p, int most) {
        double left = uniform() * (1 - Math.pow(1 - p, most));
        return Math.min(most, 1 + (int) (Math.log1p(-left) / Math.log1p(-p)));
    }

    /** Some of the numbers from 0 to bound - 1, each as likely, marked. */
    boolean[] some(int chosen, int bound) {
        int[] order = order(bound);
        boolean[] marked = new boolean[bound];
        for (int i = 0; i < chosen; i++) {
            marked[order[i]] = true;
        }
        return marked;
    }

    /** The numbers from 0 to bound - 1 in any order (Fisher and Yates). */
    int[] order(int bound) {
        int[] order = new int[bound];
        for (int i = 0; i < bound; i++) {
            int other = below(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order;
    }
}
