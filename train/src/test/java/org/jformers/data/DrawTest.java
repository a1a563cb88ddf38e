package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Random numbers by their place. */
final class DrawTest {
    @Test
    void followFromTheirPlaceAlone() {
        Draw draw = new Draw(7, 3);
        double before = draw.uniform(11, 2);
        IntStream.range(0, 100).forEach(count -> draw.uniform(5, count));
        assertThat(new Draw(7, 3).uniform(11, 2)).isEqualTo(before);
    }

    @Test
    void differFromPlaceToPlace() {
        Set<Double> numbers = new HashSet<>();
        for (int seed = 0; seed < 5; seed++) {
            for (int epoch = 0; epoch < 5; epoch++) {
                for (int example = 0; example < 5; example++) {
                    for (int count = 0; count < 5; count++) {
                        numbers.add(new Draw(seed, epoch).uniform(example, count));
                    }
                }
            }
        }
        assertThat(numbers).hasSize(625).allMatch(number -> number >= 0 && number < 1);
    }

    @Test
    void areEvenlySpread() {
        Draw draw = new Draw(1, 0);
        int[] found = new int[10];
        for (int example = 0; example < 1000; example++) {
            for (int count = 0; count < 10; count++) {
                found[draw.below(10, example, count)]++;
            }
        }
        assertThat(IntStream.of(found)).allMatch(times -> times > 900 && times < 1100);
        assertThat(IntStream.range(0, 10_000).mapToDouble(i -> draw.uniform(i, 0)).average().orElseThrow())
                .isBetween(0.49, 0.51);
    }
}
