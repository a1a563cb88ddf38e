package org.jformers.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All kinds of caches against lists of numbers. */
final class KeyValueCacheTest {
    private static final int HEADS = 2;
    private static final int DIM = 3;

    private static CacheKind kind(String name) {
        return switch (name) {
            case "growing" -> CacheKind.GROWING;
            case "fixed" -> CacheKind.fixed(40);
            case "paged" -> CacheKind.paged(4, 400);
            case "int8" -> CacheKind.INT8;
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** A row and its tokens, each a number that its keys and values are made of. */
    private record Pair(CachedRow row, List<Integer> tokens) {}

    @ParameterizedTest
    @ValueSource(strings = {"growing", "fixed", "paged", "int8"})
    void rowsHaveWhatTheyWereGiven(String name) {
        Random random = new Random(7);
        // The second layer sees a window of five tokens.
        try (KeyValueCache cache = new KeyValueCache(List.of(Long.MAX_VALUE, 5L), kind(name))) {
            List<Pair> pairs = new ArrayList<>();
            pairs.add(new Pair(cache.add(), new ArrayList<>()));
            for (int step = 0; step < 250; step++) {
                int choice = random.nextInt(8);
                Pair pair = pairs.get(random.nextInt(pairs.size()));
                int length = pair.tokens().size();
                if (choice == 0 && pairs.size() < 6) {
                    pairs.add(new Pair(cache.fork(pair.row()), new ArrayList<>(pair.tokens())));
                } else if (choice == 1 && pairs.size() > 1) {
                    cache.remove(pair.row());
                    pairs.remove(pair);
                } else if (choice == 2 && length > 4) {
                    int shorter = length - random.nextInt(4);
                    cache.truncate(pair.row(), shorter);
                    pair.tokens().subList(shorter, length).clear();
                } else if (length < 150) {
                    append(pair, 1 + random.nextInt(7), random);
                }
                for (Pair one : pairs) {
                    check(one, 0, name.equals("int8"));
                    check(one, 1, name.equals("int8"));
                }
            }
        }
    }

    private static void append(Pair pair, int count, Random random) {
        Scopes.run(() -> {
            int[] added = random.ints(count, 1, 1000).toArray();
            for (int token : added) {
                pair.tokens().add(token);
            }
            pair.row().prepare(count);
            for (int layer = 0; layer < 2; layer++) {
                pair.row().append(layer, tensor(added, layer), tensor(added, layer + 0.5f));
                assertThat(pair.row().keys(layer).size(2)).isEqualTo(pair.tokens().size() - pair.row().first(layer));
            }
            pair.row().finish();
        });
    }

    private static Tensor tensor(int[] tokens, float offset) {
        float[] values = new float[HEADS * tokens.length * DIM];
        for (int i = 0; i < values.length; i++) {
            values[i] = tokens[i / DIM % tokens.length] * (1 + i % DIM) + offset;
        }
        return Tensors.ofFloats(values, 1, HEADS, tokens.length, DIM);
    }

    private static void check(Pair pair, int layer, boolean rounded) {
        int length = pair.tokens().size();
        assertThat(pair.row().length()).isEqualTo(length);
        if (length == 0) {
            return;
        }
        int first = Math.toIntExact(pair.row().first(layer));
        assertThat(first).isLessThanOrEqualTo(layer == 0 ? 0 : Math.max(0, length + 1 - 5));
        int[] kept = pair.tokens().subList(first, length).stream().mapToInt(Integer::intValue).toArray();
        Scopes.run(() -> {
            same(pair.row().keys(layer), tensor(kept, layer), rounded);
            same(pair.row().values(layer), tensor(kept, layer + 0.5f), rounded);
        });
    }

    private static void same(Tensor actual, Tensor expected, boolean rounded) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        float[] numbers = Tensors.toFloats(actual);
        float[] wanted = Tensors.toFloats(expected);
        for (int i = 0; i < numbers.length; i++) {
            // A step is the largest number of the vector, the third one here, by 127.
            float step = rounded ? wanted[i / DIM * DIM + DIM - 1] / 127 : 0;
            assertThat(Math.abs(numbers[i] - wanted[i])).isLessThanOrEqualTo(step / 2 * 1.001f);
        }
    }

    @Test
    void aWindowKeepsAWindow() {
        try (KeyValueCache cache = new KeyValueCache(List.of(5L), CacheKind.GROWING)) {
            Pair pair = new Pair(cache.add(), new ArrayList<>());
            Random random = new Random(1);
            for (int step = 0; step < 300; step++) {
                append(pair, random);
            }
            assertThat(pair.row().length() - pair.row().first(0)).isLessThan(2 * (5 + 64));
            assertThatThrownBy(() -> cache.truncate(pair.row(), 100)).hasMessageContaining("under a window");
        }
    }

    private static void append(Pair pair, Random random) {
        Scopes.run(() -> {
            int[] one = {1 + random.nextInt(9)};
            pair.tokens().add(one[0]);
            pair.row().prepare(1);
            pair.row().append(0, tensor(one, 0), tensor(one, 0.5f));
            pair.row().finish();
        });
    }

    @Test
    void roomBeyondTheMachinesMemoryIsRefused() {
        for (CacheKind kind : List.of(CacheKind.fixed(1L << 45), CacheKind.paged(1 << 24, 1 << 20))) {
            try (KeyValueCache cache = new KeyValueCache(List.of(Long.MAX_VALUE, 5L), kind)) {
                Pair pair = new Pair(cache.add(), new ArrayList<>());
                assertThatThrownBy(() -> append(pair, 1, new Random(1))).isInstanceOf(JformersException.class)
                        .hasMessageMatching("cache: got room for .* GiB, allowed up to the [0-9]+ GiB of the machine");
            }
        }
    }

    @Test
    void aPoolWithoutPagesRefusesARow() {
        try (KeyValueCache cache = new KeyValueCache(List.of(Long.MAX_VALUE), CacheKind.paged(4, 2))) {
            CachedRow row = cache.add();
            assertThatThrownBy(() -> row.prepare(9))
                    .hasMessage("cache: got 9 tokens for a row of 0, which take 3 pages, allowed 2 of 2, the rest is"
                            + " in use");
        }
    }
}
