package org.jformers.generation;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** Rules out a token that would complete a sequence of tokens of the source (of a decoder: the prompt). */
final class EncoderNoRepeatNgrams implements LogitsProcessor {
    private final int prefix;
    private final long[][] source_BS;

    /**
     * @param size length of the sequences, at least 1
     * @param source_BS tokens of each source, padding included
     */
    EncoderNoRepeatNgrams(int size, long[][] source_BS) {
        prefix = size - 1;
        this.source_BS = source_BS;
    }

    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        int rowsOfEach = ids_BS.length / source_BS.length;
        for (int row = 0; row < ids_BS.length; row++) {
            long[] ids = ids_BS[row];
            long[] source = source_BS[row / rowsOfEach];
            int tail = ids.length - prefix;
            if (tail >= 0) {
                Banned.ruleOut(scores_BV.select(0, row), IntStream.range(0, source.length - prefix)
                        .filter(i -> Arrays.equals(source, i, i + prefix, ids, tail, ids.length))
                        .mapToLong(i -> source[i + prefix])
                        .toArray());
            }
        }
        return scores_BV;
    }
}
