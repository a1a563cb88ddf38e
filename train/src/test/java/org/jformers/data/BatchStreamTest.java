package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchStreamTest {
    private final SequencePairs examples =
            SequencePairs.of(SequencePairsTest.examples(300), 0, 1, new PairBatching(300, 16, 30, 25, 100));

    @Test
    void resumesAtAnyPositionWithTheSameBatches() {
        BatchStream straight = new BatchStream(examples, 11);
        List<Batch> batches = new ArrayList<>();
        List<Integer> epochs = new ArrayList<>();
        while (straight.epoch() < 3) {
            Batch batch = straight.next();
            batches.add(batch);
            epochs.add(straight.epoch());
            assertThat(batch.position()).isEqualTo(batches.size()).isEqualTo(straight.position());
        }
        BatchStream resumed = new BatchStream(examples, 11);
        for (int position = batches.size() - 1; position >= 0; position--) {
            resumed.skipTo(position);
            assertThat(resumed.epoch()).isEqualTo(position == 0 ? 0 : epochs.get(position - 1));
            assertThat(resumed.position()).isEqualTo(position);
            assertSame(resumed.next(), batches.get(position));
            assertThat(resumed.epoch()).isEqualTo(epochs.get(position));
        }
        resumed.skipTo(5);
        resumed.skipTo(batches.size() - 1);
        assertSame(resumed.next(), batches.get(batches.size() - 1));
    }

    @Test
    void anEpochHasEachExampleOnce() {
        BatchStream stream = new BatchStream(examples, 11);
        int total = 0;
        for (Batch batch = stream.next(); stream.epoch() == 0; batch = stream.next()) {
            total += batch.examples();
        }
        assertThat(total).isEqualTo(300);
    }

    @Test
    void dependsOnTheSeed() {
        assertThat(new BatchStream(examples, 11).next().longs("input_ids").values())
                .isNotEqualTo(new BatchStream(examples, 12).next().longs("input_ids").values());
    }

    @Test
    void rejectsNegativePositions() {
        assertThatThrownBy(() -> new BatchStream(examples, 11).skipTo(-1)).isInstanceOf(DataException.class);
    }

    static void assertSame(Batch batch, Batch expected) {
        assertThat(batch.position()).isEqualTo(expected.position());
        assertThat(batch.fields().keySet()).containsExactlyElementsOf(expected.fields().keySet());
        expected.fields().forEach((name, field) -> {
            assertThat(batch.longs(name).values()).isEqualTo(((Batch.Longs) field).values());
            assertThat(batch.longs(name).shape()).isEqualTo(field.shape());
        });
    }
}
