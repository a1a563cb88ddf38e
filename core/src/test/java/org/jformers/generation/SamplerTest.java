package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

final class SamplerTest {

    @Test
    void greedyTakesTheFirstOfEquals() {
        assertThat(choose(new GreedySampler(), 1, 1, 3, 3, 2)).containsExactly(1);
    }

    @Test
    void greedyTakesTheBestInOrder() {
        assertThat(choose(new GreedySampler(), 3, 1, 4, 2, 3)).containsExactly(1, 3, 2);
    }

    @Test
    void drawsTheSameFromTheSameSeed() {
        assertThat(draws(7)).isEqualTo(draws(7)).isNotEqualTo(draws(8));
    }

    @Test
    void drawsByProbability() {
        int[] counts = new int[3];
        for (long token : draws(1)) {
            counts[(int) token]++;
        }
        assertThat(counts[0]).isZero();
        assertThat(counts[1] / 2000.0).isCloseTo(0.25, within(0.04));
        assertThat(counts[2] / 2000.0).isCloseTo(0.75, within(0.04));
    }

    @Test
    void drawsWithoutPuttingBack() {
        try (Sampler sampler = new MultinomialSampler(3)) {
            assertThat(choose(sampler, 4, 1, 2, 3, 4)).containsExactlyInAnyOrder(0, 1, 2, 3);
        }
    }

    private static long[] draws(long seed) {
        long[] tokens = new long[2000];
        try (Sampler sampler = new MultinomialSampler(seed)) {
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = choose(sampler, 1, Float.NEGATIVE_INFINITY, 0, (float) Math.log(3))[0];
            }
        }
        return tokens;
    }

    private static long[] choose(Sampler sampler, int count, float... scores) {
        return Scopes.get(() ->
                Tensors.toLongs(sampler.choose(Tensors.ofFloats(scores, 1, scores.length), count)));
    }
}
