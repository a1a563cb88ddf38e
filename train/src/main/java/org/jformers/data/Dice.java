package org.jformers.data;

/** The numbers that a {@link Draw} has for one example, one after the other. */
final class Dice {
    private final Draw draw;
    private final long example;
    private long count;

    Dice(Draw draw, long example) {
        this.draw = draw;
        this.example = example;
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
