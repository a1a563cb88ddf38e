package org.jformers.generation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/**
 * Adds to the scores of tokens: to a single one always, to the last of several when those before it have just come.
 *
 * @param biases what is added, by sequence; none of them empty
 */
public record SequenceBias(Map<List<Integer>, Double> biases) implements LogitsProcessor {
    public SequenceBias {
        biases = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(biases));
    }

    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        int vocabulary = Math.toIntExact(scores_BV.size(1));
        float[] bias_BV = new float[ids_BS.length * vocabulary];
        biases.forEach((sequence, bias) -> {
            long[] ids = Banned.longs(sequence);
            Banned.requireKnown("sequence_bias", ids, vocabulary);
            for (int row = 0; row < ids_BS.length; row++) {
                if (Banned.justBeforeLast(ids_BS[row], ids)) {
                    bias_BV[row * vocabulary + (int) ids[ids.length - 1]] += bias.floatValue();
                }
            }
        });
        return scores_BV.add_(Tensors.ofFloats(bias_BV, ids_BS.length, vocabulary));
    }
}
