package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MixedExamplesTest {
    private static final PairBatching BATCHING = new PairBatching(300, 16, 30, 25, 100);

    private static Mixing constant(List<Double> weights) {
        return new Mixing(Mixing.Kind.CONSTANT, weights, weights, 0);
    }

    private static MixedExamples mixed(Mixing mixing, int perEpoch) {
        return new MixedExamples(List.of(
                SequencePairs.of(SequencePairsTest.examples(60), 0, 1, BATCHING),
                SequencePairs.of(SequencePairsTest.examples(300), 0, 1, BATCHING)), mixing, perEpoch);
    }

    @Test
    void resumesAtAnyPositionWithTheSameBatches() {
        BatchStream straight = new BatchStream(mixed(constant(List.of(1.0, 2.0)), 7), 11);
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            batches.add(straight.next());
        }
        BatchStream resumed = new BatchStream(mixed(constant(List.of(1.0, 2.0)), 7), 11);
        for (int position = 39; position >= 0; position -= 3) {
            resumed.skipTo(position);
            BatchStreamTest.assertSame(resumed.next(), batches.get(position));
        }
        BatchStream other = new BatchStream(mixed(constant(List.of(1.0, 2.0)), 7), 12);
        assertThat(other.next().longs("input_ids").values())
                .isNotEqualTo(batches.get(0).longs("input_ids").values());
    }

    /** A small part begins its next pass where the last one ended, whatever the epochs of the whole are. */
    @Test
    void eachPartIsGoneThroughPassByPass() {
        SequencePairs small = SequencePairs.of(SequencePairsTest.examples(60), 0, 1, BATCHING);
        BatchStream alone = new BatchStream(small, 5);
        BatchStream stream = new BatchStream(mixed(constant(List.of(3.0, 1.0)), 9), 5);
        int of = 0;
        for (int i = 0; i < 60; i++) {
            Batch batch = stream.next();
            if (MixedExamples.part(batch) == 0) {
                Batch own = MixedExamples.own(batch);
                Batch expected = alone.next();
                assertThat(own.longs("input_ids")).usingRecursiveComparison().isEqualTo(expected.longs("input_ids"));
                of++;
            }
        }
        assertThat(of).isGreaterThan(30);
        assertThat(alone.epoch()).isPositive();
    }

    /** Chi-squared over 20,000 draws, at one degree of freedom: one sample of 1,000 is above 10.8. */
    @Test
    void partsComeAsOftenAsTheirWeightsSay() {
        Mixing mixing = constant(List.of(1.0, 3.0));
        int first = 0;
        for (int batch = 0; batch < 20_000; batch++) {
            first += mixing.part(new Draw(7, -1), batch) == 0 ? 1 : 0;
        }
        assertThat(Math.pow(first - 5_000, 2) / 5_000 + Math.pow(first - 5_000, 2) / 15_000).isLessThan(10.8);
    }

    @ParameterizedTest
    @CsvSource({
        "CONSTANT, 0.25, 0.25, 0.25", "LINEAR, 0.4642857143, 0.625, 0.85",
        "EXPONENTIAL, 0.4036429, 0.5788354, 0.85", "SIGMOID, 0.2938559, 0.625, 0.85"
    })
    void weightsGoFromFirstToLast(Mixing.Kind kind, double atQuarter, double atHalf, double atEnd) {
        Mixing mixing = new Mixing(kind, List.of(1.0, 3.0), List.of(17.0 / 3, 1.0), 400);
        assertThat(mixing.shares(0)[0]).isCloseTo(0.25, within(1e-9));
        assertThat(mixing.shares(100)[0]).isCloseTo(atQuarter, within(1e-6));
        assertThat(mixing.shares(200)[0]).isCloseTo(atHalf, within(1e-6));
        for (long batch : List.of(400L, 401L, 1_000_000L)) {
            assertThat(mixing.shares(batch)[0]).isCloseTo(atEnd, within(1e-9));
            assertThat(mixing.shares(batch)[0] + mixing.shares(batch)[1]).isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void takesTurns() {
        Mixing robin = new Mixing(Mixing.Kind.ROUND_ROBIN, List.of(1.0, 1.0, 1.0), List.of(1.0, 1.0, 1.0), 0);
        Mixing stages = new Mixing(Mixing.Kind.SEQUENTIAL, List.of(1.0, 2.0, 1.0), List.of(1.0, 2.0, 1.0), 8);
        List<Integer> turns = new ArrayList<>();
        List<Integer> staged = new ArrayList<>();
        for (int batch = 0; batch < 10; batch++) {
            turns.add(robin.part(new Draw(1, -1), batch));
            staged.add(stages.part(new Draw(1, -1), batch));
        }
        assertThat(turns).containsExactly(0, 1, 2, 0, 1, 2, 0, 1, 2, 0);
        assertThat(staged).containsExactly(0, 0, 1, 1, 1, 1, 2, 2, 2, 2);
    }

    @Test
    void anEvaluationHasEachExampleOfEachPartOnce() {
        int[] examples = new int[2];
        for (Batch batch : mixed(constant(List.of(1.0, 1.0)), 4).evaluationBatches()) {
            examples[MixedExamples.part(batch)] += batch.examples();
        }
        assertThat(examples).containsExactly(60, 300);
    }

    @Test
    void refusesWhatIsNoMixture() {
        assertThatThrownBy(() -> constant(List.of(1.0, 0.0))).isInstanceOf(DataException.class)
                .hasMessageContaining("allowed numbers above 0");
        assertThatThrownBy(() -> new Mixing(Mixing.Kind.LINEAR, List.of(1.0), List.of(1.0), 0))
                .isInstanceOf(DataException.class).hasMessageContaining("got 0 batches on the way");
        assertThatThrownBy(() -> mixed(constant(List.of(1.0)), 4)).isInstanceOf(DataException.class)
                .hasMessageContaining("got 2 parts, 1 weights");
    }
}
