package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PrefixedBlocksTest {
    private static final int CONTEXT = 8;

    private static PrefixedBlocks blocks(int tokens) {
        List<int[]> documents = List.of(IntStream.range(0, tokens).toArray());
        return new PrefixedBlocks(
                new PackedBlocks(TokenSequences.of(documents, Function.identity()), 5000, CONTEXT, 4));
    }

    /** Whatever the prefix is, all that stands behind it is predicted and nothing in it. */
    @Test
    void predictsWhatFollowsThePrefix() {
        PrefixedBlocks blocks = blocks(42);
        for (Batch batch : blocks.evaluationBatches()) {
            long[] prefixes = batch.longs("prefix_lengths").values();
            long[] ids = batch.longs("input_ids").values();
            long[] labels = batch.longs("labels").values();
            long predicted = 0;
            for (int row = 0; row < batch.examples(); row++) {
                int at = row * CONTEXT;
                // The last block holds three predictions: 40, 41 and the end.
                int tokens = ids[at] == 39 ? 3 : CONTEXT;
                assertThat(prefixes[row]).isBetween(1L, (long) tokens);
                for (int t = 0; t < CONTEXT; t++) {
                    boolean behind = t >= prefixes[row] - 1 && t < tokens;
                    assertThat(labels[at + t] != Batch.IGNORED_LABEL).isEqualTo(behind);
                    predicted += behind ? 1 : 0;
                    if (behind && t + 1 < tokens) {
                        assertThat(labels[at + t]).isEqualTo(ids[at + t + 1]);
                    }
                }
            }
            assertThat(batch.labels()).isEqualTo(predicted);
        }
        assertThat(blocks.epoch(3, 1).batches()).isDeepEqualTo(blocks.blocks().epoch(3, 1).batches());
    }

    /** Each length as likely, another one in each epoch, the same in each evaluation. */
    @Test
    void drawsEachLengthAsOften() {
        PrefixedBlocks blocks = blocks(4000 * CONTEXT);
        int[] all = IntStream.range(0, 4000).toArray();
        int[] counts = new int[CONTEXT];
        long[] first = blocks.collate(all, new Draw(9, 0), 1).longs("prefix_lengths").values();
        Arrays.stream(first).forEach(prefix -> counts[(int) prefix - 1]++);
        double expected = 4000.0 / CONTEXT;
        double chiSquared = Arrays.stream(counts)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected).sum();
        assertThat(chiSquared).isLessThan(24.32); // one sample of 1,000 is above it, at seven degrees of freedom
        assertThat(blocks.collate(all, new Draw(9, 1), 1).longs("prefix_lengths").values()).isNotEqualTo(first);
        assertThat(blocks.collate(all, new Draw(9, 0), 1).longs("prefix_lengths").values()).isEqualTo(first);
    }
}
