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
