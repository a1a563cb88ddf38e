package org.jformers.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jformers.generation.GenerationConfig;

/**
 * Rows that are continued together: of one length, so that nothing is padded and each gets what it would get alone, and
 * a bounded number of tokens. Where tokens are drawn, each row is alone, so that it begins at the seed.
 */
final class LengthBatches {
    /** Tokens of one batch, beams included: enough for the processor, and little memory. */
    private static final int BATCH_TOKENS = 4096;

    private LengthBatches() {}

    /** Indices of the rows of each batch, the longest rows first. */
    static List<List<Integer>> of(List<int[]> rows, GenerationConfig settings) {
        Map<Integer, List<Integer>> byLength = new TreeMap<>((a, b) -> Integer.compare(b, a));
        for (int i = 0; i < rows.size(); i++) {
            byLength.computeIfAbsent(rows.get(i).length, length -> new ArrayList<>()).add(i);
        }
        int copies = Math.max(settings.numBeams(), settings.numReturnSequences());
        List<List<Integer>> batches = new ArrayList<>();
        byLength.forEach((length, indices) -> {
            int size = settings.doSample() ? 1 : Math.max(1, BATCH_TOKENS / Math.max(1, length * copies));
            for (int begin = 0; begin < indices.size(); begin += size) {
                batches.add(indices.subList(begin, Math.min(indices.size(), begin + size)));
            }
        });
        return batches;
    }
}
