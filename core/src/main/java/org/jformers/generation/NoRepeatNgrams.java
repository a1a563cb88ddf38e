package org.jformers.generation;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Rules out a token that would complete a sequence of tokens that was there already.
 *
 * @param size length of the sequences, at least 1
 */
public record NoRepeatNgrams(int size) implements LogitsProcessor {
    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        for (int row = 0; row < ids_BS.length; row++) {
            long[] ids = ids_BS[row];
            int prefix = size - 1;
            int tail = ids.length - prefix;
            long[] completing = IntStream.range(0, Math.max(0, tail))
                    .filter(i -> Arrays.equals(ids, i, i + prefix, ids, tail, ids.length))
                    .mapToLong(i -> ids[i + prefix])
                    .toArray();
            Banned.ruleOut(scores_BV.select(0, row), completing);
        }
        return scores_BV;
    }
}
