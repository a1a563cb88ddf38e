package org.jformers.nn.attention;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.ShapeException;

/**
 * What a cache has of a row's tokens, to be put into another one.
 *
 * <p>Dimensions: G key/value heads, S tokens, D head width.
 *
 * @param keys of each layer, [1, G, S, D]
 * @param values likewise
 */
public record RowState(List<Tensor> keys, List<Tensor> values) {
    public RowState {
        keys = List.copyOf(keys);
        values = List.copyOf(values);
    }

    /**
     * What a row has read.
     *
     * @throws ShapeException if a layer under a window has forgotten some of it
     */
    static RowState of(CachedRow row, int layers) {
        for (int layer = 0; layer < layers; layer++) {
            if (row.first(layer) > 0) {
                throw new ShapeException("cache: got a row of " + row.length() + " tokens of which layer " + layer
                        + " has forgotten " + row.first(layer) + ", allowed rows that have all of them");
            }
        }
        return new RowState(
                IntStream.range(0, layers).mapToObj(row::keys).toList(),
                IntStream.range(0, layers).mapToObj(row::values).toList());
    }

    /** Adds the first tokens to a row. */
    void into(CachedRow row, long tokens) {
        row.prepare(tokens);
        for (int layer = 0; layer < keys.size(); layer++) {
            row.append(layer, keys.get(layer).narrow(2, 0, tokens), values.get(layer).narrow(2, 0, tokens));
        }
        row.finish();
    }
}
