package org.jformers.generation;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.tensor.Tensors;

/**
 * Takes from the score of each token that was written: once for being there, and once for each time that it was there.
 * What the prompt has does not count. Source: OpenAI's API reference, {@code presence_penalty} and {@code
 * frequency_penalty}.
 *
 * @param presence taken once; below 0 favours what was there
 * @param frequency taken each time; likewise
 * @param promptLength tokens of the prompt
 */
public record OccurrencePenalties(double presence, double frequency, int promptLength) implements LogitsProcessor {
    public OccurrencePenalties {
        if (!Double.isFinite(presence) || !Double.isFinite(frequency)) {
            throw new ConfigException("generation: got presence_penalty " + presence + ", frequency_penalty "
                    + frequency + ", allowed finite numbers");
        }
    }

    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        for (int row = 0; row < ids_BS.length; row++) {
            Map<Long, Integer> counts = new HashMap<>();
            for (int at = promptLength; at < ids_BS[row].length; at++) {
                counts.merge(ids_BS[row][at], 1, Integer::sum);
            }
            if (!counts.isEmpty()) {
                take(counts, scores_BV.select(0, row));
            }
        }
        return scores_BV;
    }

    private void take(Map<Long, Integer> counts, Tensor scores_V) {
        long[] ids = new long[counts.size()];
        float[] penalties = new float[ids.length];
        int at = 0;
        for (Map.Entry<Long, Integer> count : counts.entrySet()) {
            ids[at] = count.getKey();
            penalties[at++] = (float) -(presence + frequency * count.getValue());
        }
        scores_V.index_add_(0, Tensors.ofLongs(ids, ids.length), Tensors.ofFloats(penalties, ids.length));
    }
}
