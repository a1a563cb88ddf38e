package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What noises do to a text, and how often, against what their papers say. */
final class NoiseTest {
    private static final int DRAWS = 12_000;
    private static final int MASK = 99;
    private static final List<Integer> SENTINELS = IntStream.range(1000, 1100).boxed().toList();

    private static Dice dice(long example) {
        return new Dice(new Draw(5, 1), example);
    }

    private static int[] text(int length) {
        return IntStream.rangeClosed(1, length).toArray();
    }

    /** Chi-squared of outcomes that are to be equally likely, over the bound of one false alarm in ten thousand. */
    private static void assertEqualChances(IntFunction<Object> outcome, int outcomes, double bound) {
        Map<Object, Integer> counts = new HashMap<>();
        for (int i = 0; i < DRAWS; i++) {
            counts.merge(outcome.apply(i), 1, Integer::sum);
        }
        assertThat(counts).hasSize(outcomes);
        double expected = (double) DRAWS / outcomes;
        double squared = counts.values().stream().mapToDouble(n -> (n - expected) * (n - expected) / expected).sum();
        assertThat(squared).isLessThan(bound);
    }

    private static String shown(int[] tokens) {
        return Arrays.toString(tokens);
    }

    /** I love this red car: I [X] this [Y], and [X] love [Y] red car [Z]. */
    @Test
    void theRedCar() {
        int x = 1000;
        int y = 1001;
        int z = 1002;
        SequencePair pair = new Noise.Spans(0.15, 3, SENTINELS)
                .apply(new int[] {1, 2, 3, 4, 5}, new boolean[] {false, true, false, true, true});
        assertThat(pair.source()).containsExactly(1, x, 3, y);
        assertThat(pair.target()).containsExactly(x, 2, y, 4, 5, z);
    }

    /** Of 512 tokens 77 are left out in 26 spans; a text begins with what stays and ends with a span. */
    @Test
    void leavesOutFifteenPercentInSpansOfThree() {
        Noise.Spans spans = new Noise.Spans(0.15, 3, SENTINELS);
        for (int example = 0; example < 200; example++) {
            SequencePair pair = spans.apply(text(512), dice(example));
            assertThat(pair.source()).hasSize(512 - 77 + 26).startsWith(1);
            assertThat(pair.source()[pair.source().length - 1]).isEqualTo(1025);
            assertThat(pair.target()).hasSize(77 + 27).startsWith(1000).endsWith(1026);
            assertThat(restored(pair)).isEqualTo(text(512));
        }
        assertThat(shown(spans.apply(text(512), dice(1)).source()))
                .isEqualTo(shown(spans.apply(text(512), dice(1)).source()))
                .isNotEqualTo(shown(spans.apply(text(512), dice(2)).source()))
                .isNotEqualTo(shown(spans.apply(text(512), new Dice(new Draw(5, 2), 1)).source()));
    }

    private static int[] restored(SequencePair pair) {
        Map<Integer, List<Integer>> spans = new HashMap<>();
        List<Integer> span = new ArrayList<>();
        for (int token : pair.target()) {
            if (token >= 1000) {
                span = new ArrayList<>();
                spans.put(token, span);
            } else {
                span.add(token);
            }
        }
        return Arrays.stream(pair.source())
                .flatMap(token -> token < 1000 ? IntStream.of(token)
                        : spans.get(token).stream().mapToInt(Integer::intValue))
                .toArray();
    }

    /** Three tokens out of ten in two spans: two ways to cut them, six ways to cut the rest. */
    @Test
    void everyWayToCutIsAsLikely() {
        Noise.Spans spans = new Noise.Spans(0.3, 1.5, SENTINELS);
        assertEqualChances(i -> shown(spans.apply(text(10), dice(i)).source()), 12, 37.4);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void shortTextsKeepSomething(int length) {
        SequencePair pair = new Noise.Spans(0.5, 3, SENTINELS).apply(text(length), dice(0));
        assertThat(pair.source()).contains(1);
        assertThat(restored(pair)).isEqualTo(text(length));
    }

    @Test
    void prefixAndRestMakeTheText() {
        assertEqualChances(i -> {
            SequencePair pair = new Noise.Prefix().apply(text(7), dice(i));
            assertThat(IntStream.concat(Arrays.stream(pair.source()), Arrays.stream(pair.target())).toArray())
                    .isEqualTo(text(7));
            return pair.source().length;
        }, 6, 25.7);
    }

    @Test
    void hidesAndDeletesAShare() {
        double hidden = 0;
        double left = 0;
        for (int example = 0; example < 1000; example++) {
            SequencePair masked = new Noise.Masking(0.3, MASK).apply(text(50), dice(example));
            assertThat(masked.target()).isEqualTo(text(50));
            int[] source = masked.source();
            assertThat(IntStream.range(0, 50).allMatch(i -> source[i] == i + 1 || source[i] == MASK)).isTrue();
            hidden += Arrays.stream(source).filter(token -> token == MASK).count();
            int[] deleted = new Noise.Deletion(0.2).source(text(50), dice(example));
            assertThat(deleted).isSorted();
            left += 50 - deleted.length;
        }
        assertThat(hidden / 50_000).isCloseTo(0.3, Offset.offset(4 * Math.sqrt(0.3 * 0.7 / 50_000)));
        assertThat(left / 50_000).isCloseTo(0.2, Offset.offset(4 * Math.sqrt(0.2 * 0.8 / 50_000)));
    }

    /** Thirty percent behind masks, each for a span; the rest in order. */
    @Test
    void fillsIn() {
        Noise.Infilling infilling = new Noise.Infilling(0.3, 3, MASK);
        double masks = 0;
        for (int example = 0; example < 1000; example++) {
            int[] source = infilling.source(IntStream.rangeClosed(101, 200).toArray(), dice(example));
            int[] kept = Arrays.stream(source).filter(token -> token != MASK).toArray();
            assertThat(kept).hasSize(70).isSorted();
            masks += source.length - kept.length;
        }
        // Thirty tokens take about ten spans of three, and the last one is cut.
        assertThat(masks / 1000).isBetween(10.0, 11.5);
    }

    @Test
    void lengthsOfSpansArePoissons() {
        double[] share = new double[12];
        double mean = 0;
        for (int i = 0; i < DRAWS; i++) {
            int length = dice(i).poisson(3);
            mean += (double) length / DRAWS;
            share[Math.min(length, 11)]++;
        }
        assertThat(mean).isCloseTo(3, Offset.offset(4 * Math.sqrt(3.0 / DRAWS)));
        double probability = Math.exp(-3);
        double squared = 0;
        for (int length = 0; length < 9; length++) {
            double expected = DRAWS * probability;
            squared += (share[length] - expected) * (share[length] - expected) / expected;
            probability *= 3.0 / (length + 1);
        }
        assertThat(squared).isLessThan(35);
    }

    /** SpanBERT's lengths: 3.8 words in the mean. */
    @Test
    void lengthsOfSpansOfWordsAreGeometric() {
        double[] count = new double[11];
        double mean = 0;
        for (int i = 0; i < DRAWS; i++) {
            int length = dice(i).geometric(0.2, 10);
            count[length]++;
            mean += (double) length / DRAWS;
        }
        assertThat(mean).isCloseTo(3.797, Offset.offset(4 * 2.6 / Math.sqrt(DRAWS)));
        double all = (1 - Math.pow(0.8, 10)) / 0.2;
        double squared = 0;
        for (int length = 1; length <= 10; length++) {
            double expected = DRAWS * Math.pow(0.8, length - 1) / all;
            squared += (count[length] - expected) * (count[length] - expected) / expected;
        }
        assertThat(squared).isLessThan(33.7);
    }

    @Test
    void permutesSentences() {
        Noise.Permutation noise = new Noise.Permutation(Set.of(9));
        int[] tokens = {1, 2, 9, 3, 9, 4, 5};
        List<String> sentences = List.of("[1, 2, 9, 3, 9, 4, 5]", "[1, 2, 9, 4, 5, 3, 9]", "[3, 9, 1, 2, 9, 4, 5]",
                "[3, 9, 4, 5, 1, 2, 9]", "[4, 5, 1, 2, 9, 3, 9]", "[4, 5, 3, 9, 1, 2, 9]");
        assertEqualChances(i -> {
            String source = shown(noise.source(tokens, dice(i)));
            assertThat(sentences).contains(source);
            return source;
        }, 6, 25.7);
    }

    @Test
    void rotates() {
        assertEqualChances(i -> {
            int[] source = new Noise.Rotation().source(text(5), dice(i));
            assertThat(IntStream.range(0, 5).allMatch(t -> source[(t + 1) % 5] == source[t] % 5 + 1)).isTrue();
            return source[0];
        }, 5, 23.5);
    }

    @Test
    void oneNoiseAfterTheOther() {
        Noise all = new Noise.All(List.of(new Noise.Rotation(), new Noise.Masking(0.5, MASK)));
        SequencePair pair = all.apply(text(20), dice(3));
        assertThat(pair.target()).isEqualTo(text(20));
        assertThat(pair.source()).hasSize(20).contains(MASK);
        assertThat(Arrays.stream(pair.source()).filter(token -> token != MASK).distinct().count()).isPositive();
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> new Noise.Spans(0.15, 3, List.of(1))).isInstanceOf(DataException.class)
                .hasMessageContaining("1 sentinels, allowed a share in (0, 1)");
        assertThatThrownBy(() -> new Noise.Masking(0, MASK))
                .hasMessage("token masking: got a share of 0.0, allowed above 0, up to 1");
        assertThatThrownBy(() -> new Noise.Infilling(0.3, 0, MASK)).hasMessageContaining("mean span of 0.0");
        assertThatThrownBy(() -> new Noise.Permutation(Set.of())).hasMessageContaining("no tokens that end");
    }

    private static NoisedTexts texts(int maxLength, int batch) {
        List<int[]> rows = IntStream.rangeClosed(1, 23).mapToObj(NoiseTest::text).toList();
        return new NoisedTexts(TokenSequences.of(rows, row -> row), new Noise.Spans(0.3, 2, SENTINELS),
                new NoisedTexts.Frame(List.of(50), List.of(51), 52, 53, 54), maxLength, batch);
    }

    /** Long texts go on in further rows; every row is once in an epoch, whichever way it is noised. */
    @Test
    void batchesHoldEveryRowOnce() {
        NoisedTexts texts = texts(10, 4);
        assertThat(texts.size()).isEqualTo(10 + 2 * 10 + 3 * 3);
        for (EpochPlan plan : List.of(texts.epoch(1, 0), texts.epoch(1, 1), texts.evaluation())) {
            assertThat(plan.order()).containsExactlyInAnyOrder(IntStream.range(0, texts.size()).toArray());
        }
        assertThat(texts.epoch(1, 0).order()).isNotEqualTo(texts.epoch(1, 1).order())
                .isEqualTo(texts.epoch(1, 0).order());
        assertThatThrownBy(() -> texts(1, 4)).isInstanceOf(DataException.class);
    }

    @Test
    void batchesHaveWhatStandsAroundATextOfTheModel() {
        NoisedTexts texts = texts(30, 4);
        Draw draw = new Draw(3, 7);
        SequencePair pair = texts.pair(22, draw);
        Batch batch = texts.collate(new int[] {22, 4}, draw, 1);
        int source = pair.source().length + 2;
        int target = pair.target().length + 1;
        assertThat(batch.longs("input_ids").shape()).containsExactly(2, source);
        assertThat(Arrays.copyOf(batch.longs("input_ids").values(), source)).startsWith(50).endsWith(51);
        assertThat(Arrays.copyOf(batch.longs("labels").values(), target)).endsWith(1000 + spans(pair), 52);
        assertThat(Arrays.copyOf(batch.longs("decoder_input_ids").values(), target)).startsWith(54, 1000);
        // The same whatever else is in the batch, and whoever makes it.
        assertThat(Arrays.copyOf(texts.collate(new int[] {22}, draw, 9).longs("labels").values(), target))
                .isEqualTo(Arrays.copyOf(batch.longs("labels").values(), target));
    }

    private static long spans(SequencePair pair) {
        return Arrays.stream(pair.source()).filter(token -> token >= 1000).count();
    }
}
