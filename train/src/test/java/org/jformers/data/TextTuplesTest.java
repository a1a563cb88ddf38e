package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jformers.data.TextTuples.Meeting;
import org.junit.jupiter.api.Test;

final class TextTuplesTest {
    private static final List<String> TEXTS = List.of("the fox", "a dog runs", "the tree", "old fox", "lazy dog");

    private static EncodedTexts texts() {
        return EncodedTexts.of(TEXTS, RowFixture.encoding("right"), 2);
    }

    private static TextTuples rows(Meeting meeting, int perBatch, int[]... rows) {
        return TextTuples.of(texts(), rows, meeting, perBatch);
    }

    @Test
    void putsColumnsOneBehindAnother() {
        TextTuples rows = rows(Meeting.ANY, 2, new int[] {0, 1, 2}, new int[] {3, 4, 2});
        Batch batch = rows.withScores(new float[] {0.5f, 1}).collate(new int[] {1, 0}, Draw.FIXED, 7);
        assertThat(batch.examples()).isEqualTo(2);
        assertThat(batch.labels()).isEqualTo(2);
        assertThat(batch.position()).isEqualTo(7);
        assertThat(batch.longs("input_ids").shape()[0]).isEqualTo(6);
        Batch alone = texts().collate(new int[] {3, 0, 4, 1, 2, 2}, Draw.FIXED, 1);
        assertThat(batch.longs("input_ids").values()).isEqualTo(alone.longs("input_ids").values());
        assertThat(batch.longs("attention_mask").values()).isEqualTo(alone.longs("attention_mask").values());
        assertThat(((Batch.Floats) batch.fields().get("labels")).values()).containsExactly(1, 0.5f);
        assertThat(rows.collate(new int[] {0}, Draw.FIXED, 1).fields()).doesNotContainKey("labels");
    }

    /** As the no_duplicates sampler of sentence-transformers: rows wait for the next batch that they fit in. */
    @Test
    void keepsRowsWithATextInCommonApart() {
        int[][] rows = {{0, 1}, {0, 2}, {3, 4}, {1, 2}, {3, 2}};
        TextTuples apart = rows(Meeting.NO_DUPLICATES, 2, rows);
        assertThat(apart.evaluation().batches()).isDeepEqualTo(new int[][] {{0, 2}, {1}, {3}, {4}});
        assertThat(rows(Meeting.ANY, 2, rows).evaluation().batches()).isDeepEqualTo(new int[][] {{0, 1}, {2, 3}, {4}});
        for (int epoch = 0; epoch < 4; epoch++) {
            EpochPlan plan = apart.epoch(3, epoch);
            assertThat(plan.order()).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
            for (int[] batch : plan.batches()) {
                int[] met = Arrays.stream(batch).flatMap(row -> Arrays.stream(rows[row])).toArray();
                assertThat(met).doesNotHaveDuplicates();
            }
            assertThat(apart.epoch(3, epoch).order()).isEqualTo(plan.order());
        }
    }

    @Test
    void batchesRowsAsTheReferenceDoes() throws IOException {
        JsonNode golden = new JsonMapper()
                .readTree(TextTuplesTest.class.getResourceAsStream("/sentences.json")).get("batches");
        List<String> texts = IntStream.range(0, 65).mapToObj(i -> "the " + i).toList();
        TextTuples rows = TextTuples.of(EncodedTexts.of(texts, RowFixture.encoding("right"), 8),
                numbers(golden.get("rows")), Meeting.NO_DUPLICATES, golden.get("rows_per_batch").intValue());
        assertThat(rows.evaluation().batches()).isDeepEqualTo(numbers(golden.get("batches")));
    }

    private static int[][] numbers(JsonNode rows) {
        return rows.valueStream().map(row -> row.valueStream().mapToInt(JsonNode::intValue).toArray())
                .toArray(int[][]::new);
    }

    @Test
    void addsNegativesThatABatchLacks() {
        TextTuples rows = rows(Meeting.NO_DUPLICATES, 2, new int[] {0, 1}, new int[] {3, 2})
                .withNegatives((row, epoch) -> row == 0 ? new int[] {2, 4} : new int[] {4, (int) epoch});
        Batch batch = rows.collate(new int[] {0, 1}, new Draw(1, 1), 1);
        // Text 2 is a second text of the batch, 4 is wanted twice, 1 is there.
        Batch alone = texts().collate(new int[] {0, 3, 1, 2, 4}, Draw.FIXED, 1);
        assertThat(batch.longs("input_ids").values()).isEqualTo(alone.longs("input_ids").values());
        assertThat(batch.examples()).isEqualTo(2);
    }

    @Test
    void batchesManyRowsOfOneText() {
        int[][] rows = IntStream.range(0, 50).mapToObj(i -> new int[] {0, 1 + i % 4}).toArray(int[][]::new);
        EpochPlan plan = rows(Meeting.NO_DUPLICATES, 8, rows).epoch(1, 0);
        Set<Integer> all = new HashSet<>();
        Arrays.stream(plan.order()).forEach(all::add);
        assertThat(plan.batches().length).isEqualTo(50);
        assertThat(all).hasSize(50);
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> rows(Meeting.ANY, 2)).isInstanceOf(DataException.class)
                .hasMessage("rows of texts: got 0 in batches of 2, allowed one or more in batches of one or more");
        assertThatThrownBy(() -> rows(Meeting.ANY, 2, new int[] {0, 1}).withScores(new float[2]))
                .hasMessage("rows of texts: got 2 scores for 1 rows, allowed one for each");
    }
}
