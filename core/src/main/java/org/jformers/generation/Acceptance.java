package org.jformers.generation;

import java.util.random.RandomGenerator;

/**
 * Whether a guessed token is kept: with the share min(1, p / q) of the probability p that it should have in the one q
 * that it was guessed with. One that is not kept is replaced by one drawn from what p has above q. What comes out is
 * distributed as p. Source: arXiv:2211.17192, 2.3 and A.1.
 */
final class Acceptance {
    private final RandomGenerator random;

    Acceptance(RandomGenerator random) {
        this.random = random;
    }

    /**
     * The token that takes the place of a guess: itself if it is kept.
     *
     * @param p probabilities that tokens should have
     * @param q those that the guess was drawn with
     */
    int token(int guess, float[] p, float[] q) {
        if (random.nextDouble() * q[guess] < p[guess]) {
            return guess;
        }
        double[] rest = new double[p.length];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = Math.max(0, (double) p[i] - q[i]);
        }
        return drawn(rest, guess);
    }

    /** The same of a guess that nothing else was possible for. */
    int token(int guess, float[] p) {
        if (random.nextDouble() < p[guess]) {
            return guess;
        }
        double[] rest = new double[p.length];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = i == guess ? 0 : p[i];
        }
        return drawn(rest, guess);
    }

    /** By weights; where rounding has left none, the guess. */
    private int drawn(double[] weights, int guess) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        double left = random.nextDouble() * sum;
        int last = guess;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                last = i;
                left -= weights[i];
                if (left < 0) {
                    break;
                }
            }
        }
        return last;
    }
}
