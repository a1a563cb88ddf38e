package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jformers.data.LabelledSequences.Form;
import org.jformers.data.LabelledSequences.Packing;
import org.junit.jupiter.api.Test;

final class LabelledSequencesTest {
    private static final int BEGIN = 1;
    private static final int END = 2;
    private static final int PAD = 0;

    private static TokenSequences sequences(int[]... sequences) {
        return TokenSequences.of(List.of(sequences), ids -> ids);
    }

    private static Batch all(LabelledSequences examples) {
        int[][] batches = examples.evaluation().batches();
        assertThat(batches).hasDimensions(1, examples.rows());
        return examples.collate(batches[0], Draw.FIXED, 1);
    }

    @Test
    void keepsDocumentsOfARowApart() {
        LabelledSequences packed = LabelledSequences.ofDocuments(
                sequences(new int[] {10, 11}, new int[] {20}, new int[] {30, 31, 32}), BEGIN, END,
                new Form(Packing.DOCUMENTS, 6, 8, PAD));
        Batch batch = all(packed);
        // Four predictions and two fill a row, three leave room in another.
        assertThat(batch.longs("input_ids").values()).containsExactly(
                1, 10, 11, 0, 0, 0,
                1, 30, 31, 32, 1, 20);
        assertThat(batch.longs("labels").values()).containsExactly(
                10, 11, 2, -100, -100, -100,
                30, 31, 32, 2, 20, 2);
        assertThat(batch.longs("document_ids").values()).containsExactly(
                0, 0, 0, 1, 1, 1,
                0, 0, 0, 0, 1, 1);
        assertThat(batch.labels()).isEqualTo(9);
    }

    @Test
    void predictsEveryTokenOnceHoweverLongItsDocument() {
        Random random = new Random(4);
        List<int[]> documents = IntStream.range(0, 200)
                .mapToObj(i -> random.ints(random.nextInt(40), 100, 1000).toArray()).toList();
        LabelledSequences packed = LabelledSequences.ofDocuments(
                TokenSequences.of(documents, ids -> ids), BEGIN, END, new Form(Packing.DOCUMENTS, 16, 7, PAD));
        List<Long> predicted = new ArrayList<>();
        packed.evaluationBatches().forEach(batch -> Arrays.stream(batch.longs("labels").values())
                .filter(label -> label != Batch.IGNORED_LABEL).forEach(predicted::add));
        List<Long> expected = new ArrayList<>();
        documents.forEach(document -> {
            Arrays.stream(document).forEach(id -> expected.add((long) id));
            expected.add((long) END);
        });
        assertThat(predicted).containsExactlyInAnyOrderElementsOf(expected);
        // Little is padding: the pieces are put where they fit best.
        assertThat(packed.epoch(1, 0).paddingShare()).isLessThan(0.02);
        assertThat(packed.epoch(1, 0).tokens()).isEqualTo(expected.size());
    }

    @Test
    void goesThroughAllRowsInAnOrderOfEachEpoch() {
        LabelledSequences packed = LabelledSequences.ofDocuments(
                TokenSequences.of(IntStream.range(0, 50).boxed().toList(), i -> new int[] {i, i, i}), BEGIN, END,
                new Form(Packing.DOCUMENTS, 8, 4, PAD));
        assertThat(packed.rows()).isEqualTo(25);
        assertThat(packed.epoch(3, 1).order()).containsExactly(packed.epoch(3, 1).order())
                .isNotEqualTo(packed.epoch(3, 0).order());
        Set<Integer> seen = new HashSet<>();
        Arrays.stream(packed.epoch(3, 0).order()).forEach(seen::add);
        assertThat(seen).hasSize(25);
    }

    @Test
    void predictsWhatIsChosen() {
        LabelledSequences one = LabelledSequences.ofChosen(
                sequences(new int[] {5, 6, 7, 8}, new int[] {9, 4}),
                sequences(new int[] {1, 0, 1, 1}, new int[] {0, 1}), new Form(Packing.NONE, 8, 2, PAD));
        Batch batch = all(one);
        assertThat(batch.longs("input_ids").values()).containsExactly(9, 0, 0, 5, 6, 7);
        assertThat(batch.longs("attention_mask").values()).containsExactly(1, 0, 0, 1, 1, 1);
        // What is chosen first has nothing before it.
        assertThat(batch.longs("labels").values()).containsExactly(4, -100, -100, -100, 7, 8);
        assertThat(batch.fields()).doesNotContainKey("document_ids");
        assertThat(batch.labels()).isEqualTo(3);
    }

    @Test
    void refusesNothingAndNoPlaces() {
        Form form = new Form(Packing.NONE, 8, 2, PAD);
        assertThatThrownBy(() -> LabelledSequences.ofDocuments(sequences(), BEGIN, END, form))
                .isInstanceOf(DataException.class).hasMessageContaining("got no sequences");
        assertThatThrownBy(() -> new Form(Packing.NONE, 0, 2, PAD)).hasMessageContaining("got length 0 and 2 rows");
    }
}
