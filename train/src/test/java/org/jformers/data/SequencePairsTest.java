package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SequencePairsTest {
    private static final PairBatching BATCHING = new PairBatching(300, 16, 30, 25, 400);

    @Test
    void shiftsTheTargetAndLabelsNoPadding() {
        SequencePairs pairs = SequencePairs.of(List.of(
                new SequencePair(new int[] {5, 6, 2}, new int[] {7, 2}),
                new SequencePair(new int[] {8, 2}, new int[] {9, 10, 11, 2})), 0, 1, BATCHING);

        Batch batch = pairs.collate(new int[] {0, 1}, Draw.FIXED, 9);

        assertThat(batch.longs("input_ids").values()).containsExactly(5, 6, 2, 8, 2, 0);
        assertThat(batch.longs("attention_mask").values()).containsExactly(1, 1, 1, 1, 1, 0);
        assertThat(batch.longs("decoder_input_ids").values()).containsExactly(1, 7, 0, 0, 1, 9, 10, 11);
        assertThat(batch.longs("labels").values()).containsExactly(7, 2, -100, -100, 9, 10, 11, 2);
        assertThat(batch.longs("input_ids").shape()).containsExactly(2, 3);
        assertThat(batch.longs("labels").shape()).containsExactly(2, 4);
        assertThat(batch.examples()).isEqualTo(2);
        assertThat(batch.labels()).isEqualTo(6);
        assertThat(batch.position()).isEqualTo(9);
    }

    @Test
    void dropsAndCountsWhatIsTooLongOrEmpty() {
        List<SequencePair> examples =
                List.of(pair(30, 25), pair(31, 1), pair(1, 26), pair(0, 3), pair(3, 0));
        SequencePairs pairs = SequencePairs.of(examples, 0, 1, BATCHING);

        assertThat(pairs.size()).isEqualTo(1);
        assertThat(pairs.dropped()).isEqualTo(4);
        assertThat(pairs.epoch(1, 0).batches()).isDeepEqualTo(new int[][] {{0}});
        assertThatThrownBy(() -> SequencePairs.of(List.of(pair(31, 1)), 0, 1, BATCHING))
                .isInstanceOf(DataException.class)
                .hasMessage("sequence pairs: none of 1 has lengths from 1 to 30 (source) and 25 (target)");
    }

    @Test
    void everyEpochHasEachExampleOnceInBatchesWithinTheLimits() {
        SequencePairs pairs = SequencePairs.of(examples(2_000), 0, 1, BATCHING);

        for (EpochPlan plan : List.of(pairs.epoch(3, 0), pairs.epoch(3, 1), pairs.evaluation())) {
            assertThat(Arrays.stream(plan.batches()).flatMapToInt(Arrays::stream).sorted().toArray())
                    .isEqualTo(IntStream.range(0, 2_000).toArray());
            for (int[] numbers : plan.batches()) {
                Batch batch = pairs.collate(numbers, Draw.FIXED, 1);
                int cells = batch.longs("input_ids").values().length + batch.longs("labels").values().length;
                assertThat(cells).isLessThanOrEqualTo(300);
                assertThat(batch.examples()).isBetween(1, 16);
            }
        }
    }

    @Test
    void fillsBatchesSoThatNoneCouldTakeTheNextExample() {
        SequencePairs pairs = SequencePairs.of(examples(2_000), 0, 1, BATCHING);
        int[][] batches = pairs.evaluation().batches();

        for (int i = 0; i + 1 < batches.length; i++) {
            int[] more = Arrays.copyOf(batches[i], batches[i].length + 1);
            more[more.length - 1] = batches[i + 1][0];
            Batch batch = pairs.collate(more, Draw.FIXED, 1);
            int cells = batch.longs("input_ids").values().length + batch.longs("labels").values().length;
            assertThat(cells > 300 || more.length > 16).isTrue();
        }
    }

    @Test
    void reportsThePaddingShareOfItsBatches() {
        SequencePairs pairs = SequencePairs.of(examples(2_000), 0, 1, BATCHING);
        EpochPlan plan = pairs.epoch(3, 0);
        long real = 0;
        long cells = 0;
        for (int[] numbers : plan.batches()) {
            Batch batch = pairs.collate(numbers, Draw.FIXED, 1);
            real += Arrays.stream(batch.longs("attention_mask").values()).sum() + batch.labels();
            cells += batch.longs("input_ids").values().length + batch.longs("labels").values().length;
        }

        assertThat(plan.paddingShare()).isEqualTo(1 - (double) real / cells).isBetween(0.0, 0.25);
        SequencePairs unsorted =
                SequencePairs.of(examples(2_000), 0, 1, new PairBatching(300, 16, 30, 25, 10));
        assertThat(unsorted.epoch(3, 0).paddingShare()).isGreaterThan(plan.paddingShare());
    }

    @Test
    void ordersEpochsBySeedAndNumberAlone() {
        SequencePairs pairs = SequencePairs.of(examples(500), 0, 1, BATCHING);

        assertThat(pairs.epoch(3, 4).batches()).isDeepEqualTo(pairs.epoch(3, 4).batches());
        assertThat(Arrays.deepEquals(pairs.epoch(3, 4).batches(), pairs.epoch(3, 5).batches())).isFalse();
        assertThat(Arrays.deepEquals(pairs.epoch(3, 4).batches(), pairs.epoch(4, 4).batches())).isFalse();
    }

    @Test
    void trainsInAnOrderThatIsNotByLength() {
        PairBatching onePool = new PairBatching(300, 16, 30, 25, 2_000);
        SequencePairs pairs = SequencePairs.of(examples(2_000), 0, 1, onePool);
        int[] lengths = Arrays.stream(pairs.epoch(3, 0).batches())
                .mapToInt(batch -> pairs.pair(batch[0]).source().length).toArray();
        int[] sorted = lengths.clone();
        Arrays.sort(sorted);

        assertThat(lengths).isNotEqualTo(sorted);
    }

    @Test
    void rejectsSettingsThatCannotHoldAnExample() {
        assertThatThrownBy(() -> new PairBatching(50, 16, 30, 25, 400)).isInstanceOf(DataException.class).hasMessage(
                "batching: tokens_per_batch (50) must hold one example of "
                        + "max_source_length (30) + max_target_length (25)");
        assertThatThrownBy(() -> new PairBatching(500, 0, 30, 25, 400))
                .hasMessage("batching: examples_per_batch must be >= 1, got 0");
    }

    private static SequencePair pair(int source, int target) {
        return new SequencePair(new int[source], new int[target]);
    }

    static List<SequencePair> examples(int count) {
        Random random = new Random(5);
        return IntStream.range(0, count)
                .mapToObj(i -> new SequencePair(
                        ids(random, 1 + random.nextInt(30)), ids(random, 1 + random.nextInt(25))))
                .toList();
    }

    private static int[] ids(Random random, int length) {
        return random.ints(length, 3, 100).toArray();
    }
}
