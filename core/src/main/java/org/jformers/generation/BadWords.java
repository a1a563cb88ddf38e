package org.jformers.generation;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

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
            Banned.requireKnown("bad_words_ids", ids, scores_BV.size(1));
            long[] last = {ids[ids.length - 1]};
            for (int row = 0; row < ids_BS.length; row++) {
                if (Banned.justBeforeLast(ids_BS[row], ids)) {
                    Banned.ruleOut(scores_BV.select(0, row), last);
                }
            }
        }
        return scores_BV;
    }
}
