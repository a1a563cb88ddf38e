package org.jformers.generation;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;

/**
 * Rules out sequences of tokens: a single one always, the last of several when those before it have just come.
 *
 * @param words the sequences, none of them empty
 */
public record BadWords(List<List<Integer>> words) implements LogitsProcessor {
    public BadWords {
        words = words.stream().map(List::copyOf).toList();
    }

    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        for (List<Integer> word : words) {
            long[] ids = Banned.longs(word);
            requireKnown(ids, scores_BV.size(1));
            long[] last = {ids[ids.length - 1]};
            long[] before = Arrays.copyOf(ids, ids.length - 1);
            for (int row = 0; row < ids_BS.length; row++) {
                if (endsWith(ids_BS[row], before)) {
                    Banned.ruleOut(scores_BV.select(0, row), last);
                }
            }
        }
        return scores_BV;
    }

    private static boolean endsWith(long[] ids, long[] end) {
        return end.length <= ids.length && Arrays.equals(ids, ids.length - end.length, ids.length, end, 0, end.length);
    }

    private static void requireKnown(long[] ids, long vocabulary) {
        for (long id : ids) {
            if (id >= vocabulary) {
                throw new ConfigException("generation: got bad_words_ids " + id + ", allowed 0 to " + (vocabulary - 1));
            }
        }
    }
}
