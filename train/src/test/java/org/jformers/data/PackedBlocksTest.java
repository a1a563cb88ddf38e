package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PackedBlocksTest {
    private static final int END = 99;

    @Test
    void alignsEachInputWithTheTokenThatFollows() {
        Batch batch = blocks(4, 2).collate(new int[] {0, 1}, Draw.FIXED, 3);

        assertThat(batch.longs("input_ids").values()).containsExactly(END, 1, 2, 3, END, 4, 5, END);
        assertThat(batch.longs("labels").values()).containsExactly(1, 2, 3, END, 4, 5, END, 6);
        assertThat(batch.longs("labels").shape()).containsExactly(2, 4);
        assertThat(batch.labels()).isEqualTo(8);
        assertThat(batch.position()).isEqualTo(3);
    }

    @Test
    void evaluationPredictsEveryTokenOnce() {
        PackedBlocks blocks = blocks(4, 2);
        List<Long> predicted = new ArrayList<>();
        long tokens = 0;
        for (Batch batch : blocks.evaluationBatches()) {
            Arrays.stream(batch.longs("labels").values()).filter(label -> label != -100).forEach(predicted::add);
            tokens += batch.labels();
        }

        assertThat(predicted).containsExactly(1L, 2L, 3L, 99L, 4L, 5L, 99L, 6L, 7L, 8L, 9L, 10L, 11L, 99L);
        assertThat(tokens).isEqualTo(14).isEqualTo(blocks.predictedTokens());
    }

    @Test
    void padsTheLastBlockOfAnEvaluation() {
        List<Batch> batches = new ArrayList<>();
        blocks(4, 3).evaluationBatches().forEach(batches::add);

        assertThat(batches).extracting(Batch::examples).containsExactly(3, 1);
        assertThat(batches).extracting(Batch::position).containsExactly(1L, 2L);
        assertThat(batches.get(1).longs("input_ids").values()).containsExactly(10, 11, END, END);
        assertThat(batches.get(1).longs("labels").values()).containsExactly(11, END, -100, -100);
    }

    @Test
    void evaluationHasNoEmptyBlockWhenTheStreamFillsItsBlocks() {
        assertThat(blocks(7, 1).evaluation().batches()).isDeepEqualTo(new int[][] {{0}, {1}});
    }

    @Test
    void everyEpochHasEachFullBlockOnceInItsOwnOrder() {
        List<int[]> documents = List.of(IntStream.range(0, 1003).toArray());
        PackedBlocks blocks = new PackedBlocks(TokenSequences.of(documents, Function.identity()), END, 10, 8);
        int[][] first = blocks.epoch(1, 0).batches();

        assertThat(first.length).isEqualTo(13);
        assertThat(first[12]).hasSize(4);
        assertThat(Arrays.stream(first).flatMapToInt(Arrays::stream).sorted().toArray())
                .isEqualTo(IntStream.range(0, 100).toArray());
        assertThat(blocks.epoch(1, 0).batches()).isDeepEqualTo(first);
        assertThat(Arrays.deepEquals(blocks.epoch(1, 1).batches(), first)).isFalse();
        assertThat(blocks.epoch(1, 0).paddingShare()).isZero();
    }

    /** In each batch rows read on where those of the batch before ended; every token is predicted once. */
    @Test
    void streamsGoOnFromBatchToBatch() {
        List<int[]> documents = List.of(IntStream.range(0, 1003).toArray());
        PackedBlocks blocks = new PackedBlocks(
                TokenSequences.of(documents, Function.identity()), END, 10, 8, PackedBlocks.Order.STREAMS);
        int[][] batches = blocks.epoch(1, 0).batches();
        List<Integer> sizes = Arrays.stream(batches).map(batch -> batch.length).toList();
        assertThat(sizes).startsWith(8, 8).endsWith(8, 5); // 101 blocks: five streams of 13, three of 12
        List<Long> predicted = new ArrayList<>();
        long[] ends = new long[8];
        for (int number = 0; number < batches.length; number++) {
            Batch batch = blocks.collate(batches[number], Draw.FIXED, number + 1L);
            assertThat(batch.longs(PackedBlocks.SEGMENT).values()).hasSize(batch.examples()).containsOnly(number);
            for (int row = 0; row < batch.examples(); row++) {
                if (number > 0) {
                    assertThat(batch.longs("input_ids").values()[row * 10]).isEqualTo(ends[row]);
                }
                ends[row] = batch.longs("labels").values()[row * 10 + 9];
            }
            Arrays.stream(batch.longs("labels").values()).filter(label -> label != -100).forEach(predicted::add);
        }
        assertThat(predicted).hasSize(1004); // the end of the text is a number of the document, too
        assertThat(predicted.stream().distinct().count()).isEqualTo(1003);
        assertThat(blocks.epoch(1, 1).batches()).isDeepEqualTo(batches);
        // Fewer blocks than rows: a stream each.
        assertThat(new PackedBlocks(TokenSequences.of(documents, Function.identity()), END, 400, 8,
                PackedBlocks.Order.STREAMS).evaluation().batches()).isDeepEqualTo(new int[][] {{0, 1, 2}});
    }

    @Test
    void rejectsACorpusSmallerThanAContext() {
        assertThatThrownBy(() -> blocks(15, 1).epoch(1, 0)).isInstanceOf(DataException.class)
                .hasMessage("packing: 14 tokens do not fill one context of 15");
        assertThatThrownBy(() -> blocks(0, 1)).isInstanceOf(DataException.class);
    }

    private static PackedBlocks blocks(int context, int blocksPerBatch) {
        List<int[]> documents = List.of(new int[] {1, 2, 3}, new int[] {4, 5}, new int[] {6, 7, 8, 9, 10, 11});
        return new PackedBlocks(TokenSequences.of(documents, Function.identity()), END, context, blocksPerBatch);
    }
}
