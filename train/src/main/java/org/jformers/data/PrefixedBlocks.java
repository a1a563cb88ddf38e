package org.jformers.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Blocks of a stream whose beginning is seen from both sides and whose rest is predicted: the examples of prefix
 * language models (arXiv:1910.10683, 3.2.1). The length of the prefix is uniform from 1 to the block's tokens and drawn
 * anew in each epoch; every token behind it is predicted.
 *
 * <p>A batch has the fields of {@link PackedBlocks}, with labels of -100 where what follows is of the prefix, and
 * {@code prefix_lengths} [B].
 *
 * @param blocks the blocks, in whichever order
 */
public record PrefixedBlocks(PackedBlocks blocks) implements BatchedExamples {
    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return blocks.epoch(seed, epoch);
    }

    @Override
    public EpochPlan evaluation() {
        return blocks.evaluation();
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        Batch whole = blocks.collate(examples, draw, position);
        Batch.Longs all = whole.longs("labels");
        int context = (int) all.shape()[1];
        long[] labels = all.values().clone();
        long[] prefixes = new long[examples.length];
        for (int row = 0; row < examples.length; row++) {
            int from = row * context;
            int tokens = (int) Arrays.stream(labels, from, from + context)
                    .filter(label -> label != Batch.IGNORED_LABEL).count();
            int prefix = 1 + draw.below(tokens, examples[row], 0);
            // The last token of the prefix predicts the first one behind it.
            Arrays.fill(labels, from, from + prefix - 1, Batch.IGNORED_LABEL);
            prefixes[row] = prefix;
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>(whole.fields());
        fields.put("labels", new Batch.Longs(labels, all.shape()));
        fields.put("prefix_lengths", new Batch.Longs(prefixes, examples.length));
        long predicted = Arrays.stream(labels).filter(label -> label != Batch.IGNORED_LABEL).count();
        return new Batch(fields, examples.length, predicted, position);
    }
}
