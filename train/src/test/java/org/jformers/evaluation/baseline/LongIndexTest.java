package org.jformers.evaluation.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LongIndexTest {
    @Test
    void numbersKeysInOrderOfAppearance() {
        Random random = new Random(3);
        LongIndex index = new LongIndex();
        Map<Long, Integer> expected = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
            // Dense keys and keys that differ in their high bits alone.
            long key = random.nextBoolean() ? random.nextInt(20_000) : (long) random.nextInt(20_000) << 40;
            Integer known = expected.putIfAbsent(key, expected.size());
            assertThat(index.find(key)).isEqualTo(known == null ? -1 : known);
            assertThat(index.add(key)).isEqualTo(expected.get(key));
        }
        assertThat(index.size()).isEqualTo(expected.size());
        expected.forEach((key, number) -> {
            assertThat(index.find(key)).isEqualTo(number);
            assertThat(index.key(number)).isEqualTo(key);
        });
    }
}
